import { malformed } from './http-errors'

/** Status line and headers of a response. */
export interface HttpResponseHead {
  readonly status: number
  /** Names in lower case; what came several times is joined by `, ` (RFC 9110, 5.3). */
  readonly headers: Readonly<Record<string, string>>
  /** HTTP/1.0. */
  readonly isOld: boolean
}

const STATUS_LINE = /HTTP\/1\.(\d) ([1-9]\d\d)(?: [^\0\r\n]*)?\r\n/y
// One expression for a whole line, and none that could go back over it: the code is cold, and what it reads somebody else's.
const FIELD = /([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\0\r\n]*)\r\n/y
const FOLD = /\r\n[ \t]+/g

/** Reads a head without the empty line at its end (RFC 9112, 4 and 5). Throws for what is malformed. */
export function responseHead(text: string): HttpResponseHead {
  STATUS_LINE.lastIndex = 0
  const line = STATUS_LINE.exec(text)
  if (line === null) throw malformed('INVALID_STATUS', 'no status line')
  return { status: Number(line[2]), headers: fieldsOf(text, STATUS_LINE.lastIndex), isOld: line[1] === '0' }
}

function fieldsOf(text: string, from: number): Record<string, string> {
  const headers: Record<string, string> = Object.create(null)
  // RFC 9112, 5.2: a line that begins with white space goes on with the one before.
  if (text.includes('\r\n ', from) || text.includes('\r\n\t', from))
    return fieldsOf(text.slice(from).replace(FOLD, ' '), 0)
  FIELD.lastIndex = from
  while (FIELD.lastIndex < text.length) {
    const field = FIELD.exec(text)
    if (field === null) throw malformed('INVALID_HEADER_TOKEN', 'a line that is no header')
    const name = (field[1] as string).toLowerCase()
    const value = trimmed(field[2] as string)
    const before = headers[name]
    headers[name] = before === undefined ? value : `${before}, ${value}`
  }
  return headers
}

/** Without the spaces and tabs around it; `trim()` would take more. */
function trimmed(value: string): string {
  let start = 0
  let end = value.length
  while (start < end && isBlank(value.charCodeAt(start))) start++
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--
  return value.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9
}
