import { errorType } from '../error-type'

const CODE = /^[A-Z][A-Z0-9_]{1,63}$/

/** `error.type` of a failed call: the code that Node or undici gave it (`ECONNREFUSED`, `UND_ERR_SOCKET`), else its class. */
export function callErrorType(error: unknown): string {
  const code = property(error, 'code')
  return typeof code === 'string' && CODE.test(code) ? code : errorType(error)
}

const CANCELLED: ReadonlySet<unknown> = new Set(['ABORT_ERR', 'UND_ERR_ABORTED'])

/** The caller gave up on purpose, which is no error (OpenTelemetry, HTTP client spans). A `TimeoutError` is one. */
export function isCancellation(error: unknown): boolean {
  return property(error, 'name') === 'AbortError' || CANCELLED.has(property(error, 'code'))
}

function property(error: unknown, key: string): unknown {
  try {
    return typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[key] : undefined
  } catch {
    return undefined
  }
}
