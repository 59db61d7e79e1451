import { operationOf, spanOf } from './context'
import { countFault } from './diagnostics'

/**
 * Marks the current operation (the request) as failed: its span gets the exception and an error status, its metrics the
 * `error.type`. For errors that the framework answers itself, so no error handler ever sees them.
 * Outside of an operation the exception goes to the active span, if there is one. Never throws.
 */
export function recordError(error: unknown): void {
  try {
    const operation = operationOf()
    if (operation !== undefined) operation.recordError(error)
    else spanOf()?.recordException(error as Error)
  } catch {
    countFault('record_error')
  }
}
