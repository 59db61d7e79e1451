import type { IncomingMessage, ServerResponse } from 'node:http'
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'

/** A stream of HTTP/2 as a request: what an operation, `ignore`, labels and hooks read of one. */
export class StreamRequest {
  readonly stream: ServerHttp2Stream
  readonly headers: IncomingHttpHeaders
  readonly httpVersion = '2.0'
  readonly httpVersionMajor = 2
  readonly httpVersionMinor = 0

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    this.stream = stream
    this.headers = headers
  }

  get method(): string {
    return this.headers[':method'] ?? 'GET'
  }

  get url(): string {
    return this.headers[':path'] ?? '/'
  }

  get socket(): Socket | undefined {
    return this.stream.session?.socket as Socket | undefined
  }

  /** Whether it was reset, by either side, instead of being ended. */
  get aborted(): boolean {
    return this.stream.aborted || Boolean(this.stream.rstCode)
  }
}

/** The same stream as a response. */
export class StreamResponse {
  readonly stream: ServerHttp2Stream

  constructor(stream: ServerHttp2Stream) {
    this.stream = stream
  }

  get headersSent(): boolean {
    return this.stream.headersSent
  }

  get statusCode(): number {
    return Number(this.stream.sentHeaders?.[':status'] ?? 200)
  }

  get writableEnded(): boolean {
    return this.stream.writableEnded
  }

  get destroyed(): boolean {
    return this.stream.destroyed
  }

  get errored(): Error | null {
    return this.stream.errored
  }

  getHeader(name: string): unknown {
    return this.stream.sentHeaders?.[name]
  }
}

/** Both, in the shape that an observer takes. */
export function exchangeOf(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): [IncomingMessage, ServerResponse] {
  const request = new StreamRequest(stream, headers)
  return [request as unknown as IncomingMessage, new StreamResponse(stream) as unknown as ServerResponse]
}
