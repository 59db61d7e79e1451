import { countFault } from '@hashira/core'

/** What can be told about something thrown, whatever it is. */
export interface ErrorFacts {
  /** For `exception.type` and `error.type`. */
  readonly type: string | undefined
  readonly message: string | undefined
  readonly stack: string | undefined
}

/**
 * Type: the error's own `name`, else its class, else (for a plain `Error`, as Node's system errors are) its `code`.
 * A thrown string is its own message, as in OpenTelemetry JS; other primitives say themselves. Never throws.
 */
export function errorFacts(error: unknown): ErrorFacts {
  if ((typeof error === 'object' && error !== null) || typeof error === 'function') {
    return {
      type: typeOf(error),
      message: textOf(read(error, 'message')),
      stack: textOf(read(error, 'stack')),
    }
  }
  return { type: undefined, message: String(error), stack: undefined }
}

function typeOf(error: object): string | undefined {
  const name = textOf(read(error, 'name'))
  if (name !== undefined && name !== 'Error') return name
  const ownClass = read(error, 'constructor')
  const className = typeof ownClass === 'function' ? textOf(read(ownClass, 'name')) : undefined
  if (className !== undefined && className !== 'Error' && className !== 'Object') return className
  return textOf(read(error, 'code')) ?? name ?? className
}

function read(holder: object, key: string): unknown {
  try {
    return (holder as Record<string, unknown>)[key]
  } catch {
    countFault('exception')
    return undefined
  }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined
}
