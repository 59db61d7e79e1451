import type { IncomingHttpHeaders } from 'node:http'
import { HttpResponseHead } from './http-response-head'
import { chunkSize, cutOff, malformed } from './http-syntax'

export interface HttpAnswer {
  readonly status: number
  /** Names in lower case; what came several times is joined by `, ` (RFC 9110, 5.3). */
  readonly headers: IncomingHttpHeaders
  /** Cut at the limit of size or time. */
  readonly body: Buffer
  readonly truncated: boolean
}

type Stage = 'head' | 'body' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'whole'

const MAX_HEAD_BYTES = 64 * 1024
const VERSION = 'HTTP/1.'
const NO_BYTES = Buffer.alloc(0)
const UNTIL_END = Number.POSITIVE_INFINITY

/** One response of HTTP/1.x (RFC 9112) from the bytes of a connection, however they are cut. Throws for what is malformed. */
export class HttpResponseParser {
  /** Something came. */
  begun = false
  /** How long the connection may be used again, in ms; `Infinity`: nobody said, 0: not at all. */
  keepMs = 0
  #stage: Stage = 'head'
  #line = ''
  /** Of the head or the trailers until here, so that neither is without end. */
  #headBytes = 0
  /** Of the body or the chunk. */
  #leftBytes = 0
  #roomBytes: number
  readonly #head = new HttpResponseHead()
  readonly #parts: Buffer[] = []
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
    while (at < bytes.length && this.#stage !== 'whole')
      at = this.#leftBytes > 0 ? this.#takeBody(bytes, at) : this.#takeLine(bytes, at)
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
    if (this.#stage === 'head') return undefined
    const { status, headers } = this.#head
    const [first = NO_BYTES] = this.#parts
    const body = this.#parts.length > 1 ? Buffer.concat(this.#parts) : first
    return { status, headers, body, truncated: this.#stage !== 'whole' || this.#roomBytes < 0 }
  }

  #takeBody(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#leftBytes)
    const isTooMuch = end - at > this.#roomBytes
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
    this.#line += bytes.toString('latin1', at, end)
    this.#headBytes += end - at
    if (this.#headBytes > MAX_HEAD_BYTES) throw malformed('HEADER_OVERFLOW', 'headers of more than 64 KiB')
    // At once: who does not speak HTTP may wait for us.
    if (this.#head.isExpected && !VERSION.startsWith(this.#line.slice(0, VERSION.length)))
      throw malformed('INVALID_CONSTANT', 'it does not begin with a version')
    if (lineEnd < 0) return end
    const line = this.#line
    this.#line = ''
    if (!line.endsWith('\r\n')) throw malformed('CR_EXPECTED', 'a line without CR')
    this.#readLine(line.slice(0, -2))
    return end
  }

  #readLine(line: string): void {
    if (this.#stage === 'head') {
      if (!this.#head.take(line)) return
      this.#beginBody()
    } else if (this.#stage === 'chunk-size') {
      this.#leftBytes = chunkSize(line)
      this.#stage = this.#leftBytes === 0 ? 'trailer' : 'chunk'
    } else if (line === '') this.#stage = this.#stage === 'trailer' ? 'whole' : 'chunk-size'
    else if (this.#stage === 'trailer') return
    else throw malformed('STRICT', 'a chunk is longer than it says')
    this.#headBytes = 0
  }

  #beginBody(): void {
    const length = this.#head.bodyLength(this.#isBodiless)
    this.keepMs = length === UNTIL_END ? 0 : this.#head.keepMs
    if (length === 'chunked') this.#stage = 'chunk-size'
    else {
      this.#leftBytes = length
      this.#stage = length === 0 ? 'whole' : 'body'
    }
  }
}
