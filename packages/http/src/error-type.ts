/** `error.type` for what has no better name (OpenTelemetry). */
const OTHER = '_OTHER'
const NAME = /^[\w.$:-]{1,64}$/

/**
 * The class of an error as `error.type`: few values, since it becomes a label. The name of its class; `name` where that says
 * more (`AbortError`); `_OTHER` for what is no error or has a name that is not one.
 */
export function errorType(error: unknown): string {
  try {
    if (typeof error !== 'object' || error === null) return OTHER
    const name = (error as { name?: unknown }).name
    if (typeof name === 'string' && name !== 'Error' && NAME.test(name)) return name
    const className = (error as { constructor?: { name?: unknown } }).constructor?.name
    if (typeof className === 'string' && className !== 'Object' && NAME.test(className)) return className
    return typeof name === 'string' && NAME.test(name) ? name : OTHER
  } catch {
    return OTHER
  }
}
