import type { IncomingHttpHeaders } from 'node:http'
import { cutOff, malformed } from './http-errors'
import { bodyLength, chunkSize, keepMsOf, UNTIL_END } from './http-framing'
import { type HttpResponseHead, responseHead } from './http-response-head'

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Cut at the limit of size or time. */
  readonly body: Buffer
  readonly truncated: boolean
}

type Stage = 'head' | 'body' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'whole'

const MAX_HEAD_BYTES = 64 * 1024
const VERSION = 'HTTP/1.'
const NO_BYTES = Buffer.alloc(0)

/**
 * One response of HTTP/1.x (RFC 9112) from the bytes of a connection, however they are cut. Throws for what is malformed. A head
 * is read as one text: an ordinary answer takes 54 µs in a busy server, whose code for it is cold, and 86 line by line (Node 24).
 */
export class HttpResponseParser {
  /** Something came. */
  begun = false
  /** How long the connection may be used again: {@link keepMsOf}. */
  keepMs = 0
  #stage: Stage = 'head'
  /** Of a head or a line that is not whole. */
  #text = ''
  /** Of the chunk's line or the trailers until here. */
  #lineBytes = 0
  /** Of the body or the chunk. */
  #leftBytes = 0
  #roomBytes: number
  #head: HttpResponseHead | undefined
  #parts: Buffer[] | undefined
  readonly #isBodiless: boolean

  /** @param isBodiless whatever its headers say: the answer to HEAD */
  constructor(maxBodyBytes: number, isBodiless = false) {
    this.#roomBytes = maxBodyBytes
    this.#isBodiless = isBodiless
  }

  /** Takes what came; whether the response is whole now, or its body larger than it may be. */
  push(bytes: Buffer): boolean {
    this.begun = true
    let at = 0
    while (at < bytes.length && this.#stage !== 'whole') at = this.#take(bytes, at)
    // What nobody has asked for.
    if (at < bytes.length) this.keepMs = 0
    return this.#stage === 'whole'
  }

  /** The connection ended; throws when that is in the middle of the response. */
  end(): void {
    if (this.#leftBytes !== UNTIL_END) throw cutOff(this.begun)
    this.#stage = 'whole'
  }

  /** What is known by now; `undefined` before the status and headers of the final response are. */
  get answer(): HttpAnswer | undefined {
    if (this.#head === undefined) return undefined
    const { status, headers } = this.#head
    const truncated = this.#stage !== 'whole' || this.#roomBytes < 0
    return { status, headers, body: this.#body, truncated }
  }

  get #body(): Buffer {
    if (this.#parts === undefined) return NO_BYTES
    return this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts)
  }

  #take(bytes: Buffer, at: number): number {
    if (this.#stage === 'head') return this.#takeHead(bytes, at)
    return this.#leftBytes > 0 ? this.#takeBody(bytes, at) : this.#takeLine(bytes, at)
  }

  #takeHead(bytes: Buffer, at: number): number {
    const before = this.#text.length
    const text = this.#text + bytes.toString('latin1', at, at + MAX_HEAD_BYTES)
    const end = text.indexOf('\r\n\r\n', Math.max(before - 3, 0))
    // At once: who does not speak HTTP may wait for us.
    if (!VERSION.startsWith(text.slice(0, VERSION.length)))
      throw malformed('INVALID_CONSTANT', 'it does not begin with a version')
    if (end >= MAX_HEAD_BYTES || (end < 0 && text.length >= MAX_HEAD_BYTES))
      throw malformed('HEADER_OVERFLOW', 'headers of more than 64 KiB')
    if (end < 0) {
      if (/[^\r]\n/.test(text.slice(Math.max(before - 1, 0))))
        throw malformed('CR_EXPECTED', 'a line without CR')
      this.#text = text
      return bytes.length
    }
    this.#text = ''
    this.#endHead(responseHead(text.slice(0, end + 2)))
    return at + end + 4 - before
  }

  #endHead(head: HttpResponseHead): void {
    if (head.status === 101) throw malformed('INVALID_STATUS', 'another protocol that nobody has asked for')
    // Interim answers: the final one follows.
    if (head.status < 200) return
    this.#head = head
    const length = bodyLength(head, this.#isBodiless)
    this.keepMs = length === UNTIL_END ? 0 : keepMsOf(head)
    this.#leftBytes = length === 'chunked' ? 0 : length
    if (length === 'chunked') this.#stage = 'chunk-size'
    else this.#stage = length === 0 ? 'whole' : 'body'
  }

  #takeBody(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#leftBytes)
    const isTooMuch = end - at > this.#roomBytes
    this.#parts ??= []
    this.#parts.push(bytes.subarray(at, isTooMuch ? at + this.#roomBytes : end))
    this.#roomBytes -= end - at
    this.#leftBytes -= end - at
    if (isTooMuch) {
      this.keepMs = 0
      this.#stage = 'whole'
    } else if (this.#leftBytes === 0) this.#stage = this.#stage === 'chunk' ? 'chunk-end' : 'whole'
    return end
  }

  #takeLine(bytes: Buffer, at: number): number {
    const lineEnd = bytes.indexOf(10, at)
    const end = lineEnd < 0 ? bytes.length : lineEnd + 1
    this.#text += bytes.toString('latin1', at, end)
    this.#lineBytes += end - at
    if (this.#lineBytes > MAX_HEAD_BYTES) throw malformed('HEADER_OVERFLOW', 'a line of more than 64 KiB')
    if (lineEnd < 0) return end
    const line = this.#text
    this.#text = ''
    if (!line.endsWith('\r\n')) throw malformed('CR_EXPECTED', 'a line without CR')
    this.#readLine(line.slice(0, -2))
    return end
  }

  #readLine(line: string): void {
    if (this.#stage === 'chunk-size') {
      this.#leftBytes = chunkSize(line)
      this.#stage = this.#leftBytes === 0 ? 'trailer' : 'chunk'
    } else if (line === '') this.#stage = this.#stage === 'trailer' ? 'whole' : 'chunk-size'
    else if (this.#stage === 'trailer') return
    else throw malformed('STRICT', 'a chunk is longer than it says')
    this.#lineBytes = 0
  }
}
