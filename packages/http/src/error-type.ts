/** `error.type` for what has no better name (OpenTelemetry). */
const OTHER = '_OTHER'
const NAME = /^[\w.$:-]{1,64}$/

/**
 * The kind of an error as `error.type`, with few values since it becomes a label: its own `name`, its class, or for a plain
 * `Error` its `code` (`ECONNREFUSED`). `_OTHER` for what is no error or whose names are no names. Never throws.
 */
export function errorType(error: unknown): string {
  try {
    if (typeof error !== 'object' || error === null) return OTHER
    const { name, code } = error as { name?: unknown; code?: unknown }
    if (name !== 'Error' && isName(name)) return name
    const className = (error as { constructor?: { name?: unknown } }).constructor?.name
    if (className !== 'Error' && className !== 'Object' && isName(className)) return className
    if (isName(code)) return code
    return isName(name) ? name : OTHER
  } catch {
    return OTHER
  }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value)
}
