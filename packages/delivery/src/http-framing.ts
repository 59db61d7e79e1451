import { malformed } from './http-errors'
import type { HttpResponseHead } from './http-response-head'

/** The body ends with the connection. */
export const UNTIL_END = Number.POSITIVE_INFINITY

const CHUNK_SIZE = /^([\da-f]{1,16})[ \t]*(?:;|$)/i

/**
 * Where the body ends (RFC 9112, 6.3): after so many bytes, or with its last chunk.
 * @param isBodiless whatever the headers say: the answer to HEAD
 */
export function bodyLength({ status, headers }: HttpResponseHead, isBodiless: boolean): number | 'chunked' {
  if (isBodiless || status === 204 || status === 304) return 0
  const coding = headers['transfer-encoding']
  if (coding !== undefined) return /(?:^|[, \t])chunked$/i.test(coding) ? 'chunked' : UNTIL_END
  const length = headers['content-length']
  return length === undefined ? UNTIL_END : contentLength(length)
}

/** One number, be it repeated. */
function contentLength(text: string): number {
  const [first = text, ...more] = text.includes(',') ? text.split(/[ \t]*,[ \t]*/) : []
  const length = /^\d+$/.test(first) && more.every((other) => other === first) ? Number(first) : Number.NaN
  if (!Number.isSafeInteger(length)) throw malformed('INVALID_CONTENT_LENGTH', 'a length that is none')
  return length
}

/** The size in the line before a chunk (RFC 9112, 7.1): hexadecimal; extensions are for nobody. */
export function chunkSize(line: string): number {
  const size = Number.parseInt(CHUNK_SIZE.exec(line)?.[1] ?? '', 16)
  if (!Number.isSafeInteger(size)) throw malformed('INVALID_CHUNK_SIZE', 'a chunk without size')
  return size
}

/**
 * How long the connection may be used again, in ms (RFC 9112, 9.3): `Infinity` without a hint, 0: not at all, as when the answer
 * is framed in two ways (6.1). `Keep-Alive: timeout=5` says when the backend closes; a second less, in which a request is on
 * its way, as Node's agent does.
 */
export function keepMsOf({ headers, isOld }: HttpResponseHead): number {
  const coding = headers['transfer-encoding']
  if (coding !== undefined && (isOld || headers['content-length'] !== undefined)) return 0
  const { connection = '', 'keep-alive': hint } = headers
  if (connection !== 'keep-alive' && !mayStay(connection.toLowerCase().split(/[ \t]*,[ \t]*/), isOld))
    return 0
  const seconds = hint === undefined ? undefined : /\btimeout=(\d+)/i.exec(hint)?.[1]
  return seconds === undefined ? Number.POSITIVE_INFINITY : Math.max(Number(seconds) * 1_000 - 1_000, 0)
}

function mayStay(asked: readonly string[], isOld: boolean): boolean {
  return isOld ? asked.includes('keep-alive') : !asked.includes('close')
}
