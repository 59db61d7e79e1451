/** Rules of HTTP/1.1 that need no state (RFC 9112). Codes of errors begin with `HPE_`, as those of Node's own parser do. */

const STATUS_LINE = /^HTTP\/1\.(\d) ([1-9]\d\d)(?: [^\0\r]*)?$/
const CHUNK_SIZE = /^([\da-f]{1,16})[ \t]*(?:;|$)/i
/** RFC 9110, 5.6.2 */
export const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** RFC 9112, 4. */
export function statusLine(line: string): { readonly status: number; readonly isOld: boolean } {
  const [, minor, status] = STATUS_LINE.exec(line) ?? []
  if (status === undefined) throw malformed('INVALID_STATUS', 'no status line')
  return { status: Number(status), isOld: minor === '0' }
}

/** A value without the spaces and tabs around it; in one pass, whatever the backend sends. */
export function fieldValue(line: string, from: number): string {
  let start = from
  let end = line.length
  while (start < end && isBlank(line.charCodeAt(start))) start++
  while (end > start && isBlank(line.charCodeAt(end - 1))) end--
  const value = line.slice(start, end)
  if (/[\0\r]/.test(value)) throw malformed('INVALID_HEADER_TOKEN', 'a header with control characters')
  return value
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9
}

/** RFC 9112, 6.3: one number, be it repeated. */
export function contentLength(text: string): number {
  const [first = '', ...more] = text.split(/[ \t]*,[ \t]*/)
  const length = /^\d+$/.test(first) && more.every((other) => other === first) ? Number(first) : Number.NaN
  if (!Number.isSafeInteger(length)) throw malformed('INVALID_CONTENT_LENGTH', 'a length that is none')
  return length
}

/** RFC 9112, 7.1: hexadecimal; extensions are for nobody. */
export function chunkSize(line: string): number {
  const [, digits = ''] = CHUNK_SIZE.exec(line) ?? []
  const size = Number.parseInt(digits, 16)
  if (!Number.isSafeInteger(size)) throw malformed('INVALID_CHUNK_SIZE', 'a chunk without size')
  return size
}

/**
 * How long a connection may be used again, in ms: `Infinity` without a hint, 0: not at all (RFC 9112, 9.3). `Keep-Alive: timeout=5`
 * says when the backend closes; a second less, in which a request is on its way, as Node's agent does.
 */
export function keepMsOf(
  { connection = '', 'keep-alive': hint }: Readonly<Record<string, string>>,
  isOld: boolean,
): number {
  const asked = connection.toLowerCase().split(/[ \t]*,[ \t]*/)
  if (asked.includes('close') || (isOld && !asked.includes('keep-alive'))) return 0
  const [, seconds] = /\btimeout=(\d+)/i.exec(hint ?? '') ?? []
  return seconds === undefined ? Number.POSITIVE_INFINITY : Math.max(Number(seconds) * 1_000 - 1_000, 0)
}

export function malformed(code: string, text: string): Error {
  return Object.assign(new Error(`the answer is no HTTP: ${text}`), { code: `HPE_${code}` })
}

/** The backend, or whoever is between, hung up; with the code that the operating system has for it. */
export function cutOff(begun: boolean): Error {
  const text = begun ? 'the answer was cut off' : 'the connection was closed without an answer'
  return Object.assign(new Error(text), { code: 'ECONNRESET' })
}
