import { contentLength, fieldValue, keepMsOf, malformed, statusLine, TOKEN } from './http-syntax'

/** Where the body ends: after so many bytes, with its last chunk, or with the connection (`Infinity` bytes). */
export type BodyLength = number | 'chunked'

/** Status line and headers of a response (RFC 9112, 4 and 5), line by line. Interim responses (1xx) are passed over. */
export class HttpResponseHead {
  status = 0
  headers: Record<string, string> = {}
  #isOld = false
  #lastName = ''

  /** No status line was read, or only one of an interim response. */
  get isExpected(): boolean {
    return this.status === 0
  }

  /** Takes a line without its end; whether it was the last of the final head. */
  take(line: string): boolean {
    if (this.isExpected) this.#readStatus(line)
    else if (line !== '') this.#readField(line)
    else if (this.status >= 200) return true
    else if (this.status === 101)
      throw malformed('INVALID_STATUS', 'another protocol that nobody has asked for')
    else this.status = 0
    return false
  }

  /**
   * RFC 9112, 6.3.
   * @param isBodiless whatever the headers say: the answer to HEAD
   */
  bodyLength(isBodiless: boolean): BodyLength {
    const { 'content-length': length, 'transfer-encoding': coding } = this.headers
    if (isBodiless || this.status === 204 || this.status === 304) return 0
    if (coding === undefined) return length === undefined ? Number.POSITIVE_INFINITY : contentLength(length)
    return /(?:^|[, \t])chunked$/i.test(coding) ? 'chunked' : Number.POSITIVE_INFINITY
  }

  /** {@link keepMsOf}; not at all when it is framed in two ways (RFC 9112, 6.1 and 6.3). */
  get keepMs(): number {
    const { 'content-length': length, 'transfer-encoding': coding } = this.headers
    const isFaulty = coding !== undefined && (this.#isOld || length !== undefined)
    return isFaulty ? 0 : keepMsOf(this.headers, this.#isOld)
  }

  #readStatus(line: string): void {
    const { status, isOld } = statusLine(line)
    this.status = status
    this.headers = Object.create(null)
    this.#isOld = isOld
    this.#lastName = ''
  }

  #readField(line: string): void {
    const colon = line.indexOf(':')
    // RFC 9112, 5.2: a line that begins with white space goes on with the one before.
    const isFolded = line.startsWith(' ') || line.startsWith('\t')
    const name = isFolded ? this.#lastName : line.slice(0, Math.max(colon, 0)).toLowerCase()
    if (!TOKEN.test(name)) throw malformed('INVALID_HEADER_TOKEN', 'a header without a name')
    const value = fieldValue(line, isFolded ? 0 : colon + 1)
    const before = this.headers[name]
    this.headers[name] = before === undefined ? value : `${before}${isFolded ? ' ' : ', '}${value}`
    this.#lastName = name
  }
}
