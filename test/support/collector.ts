import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo, Socket } from 'node:net'

// Generated from the published .proto files by the OpenTelemetry project.
const { opentelemetry } = createRequire(import.meta.url)(
  '@opentelemetry/otlp-transformer/build/src/generated/root',
)
const TraceRequest = opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest

export interface ReceivedSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  /** `''` for a root. */
  readonly parentSpanId: string
}

/** What the backend does with a request: `answer` as usual, hang for ever, or another status. */
export type Behaviour = (request: { number: number; spanCount: number }) => Promise<Answer> | Answer
export type Answer = 'accept' | 'hang' | { readonly status: number; readonly retryAfter?: string }

/** An OTLP/HTTP backend that misbehaves on demand and counts what it accepted. */
export class Collector {
  #server: Server | undefined
  readonly #sockets = new Set<Socket>()
  #requests = 0
  #port = 0
  behave: Behaviour = () => 'accept'
  /** Unix milliseconds of every request that came. */
  readonly arrivals: number[] = []
  readonly spanIds = new Set<string>()
  readonly names = new Set<string>()
  /** The first 10,000 that were accepted. */
  readonly spans: ReceivedSpan[] = []
  acceptedSpans = 0

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Listens, on the same port as before when it did once. */
  async listen(): Promise<string> {
    const server = createServer((request, response) => void this.#receive(request, response))
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    server.listen(this.#port, '127.0.0.1')
    await once(server, 'listening')
    this.#server = server
    this.#port = (server.address() as AddressInfo).port
    return this.url
  }

  /** Is gone at once, with every connection. */
  async die(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.arrivals.push(Date.now())
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer)
    } catch {
      return
    }
    const spans = request.url === '/v1/traces' ? decode(Buffer.concat(chunks)) : []
    const answer = await this.behave({ number: ++this.#requests, spanCount: spans.length })
    if (answer === 'hang') return
    if (answer === 'accept') {
      this.acceptedSpans += spans.length
      this.spans.push(...spans.slice(0, 10_000 - this.spans.length))
      for (const { name, spanId } of spans) {
        this.spanIds.add(spanId)
        this.names.add(name)
      }
      response.setHeader('content-type', 'application/x-protobuf').end()
      return
    }
    if (answer.retryAfter !== undefined) response.setHeader('retry-after', answer.retryAfter)
    response.writeHead(answer.status).end()
  }
}

interface DecodedSpan {
  readonly name: string
  readonly traceId: Uint8Array
  readonly spanId: Uint8Array
  readonly parentSpanId: Uint8Array | null
}

function decode(body: Buffer): ReceivedSpan[] {
  const { resourceSpans } = TraceRequest.decode(body) as {
    resourceSpans: { scopeSpans: { spans: DecodedSpan[] }[] }[]
  }
  return resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .map(({ name, traceId, spanId, parentSpanId }) => ({
      name,
      traceId: hex(traceId),
      spanId: hex(spanId),
      parentSpanId: parentSpanId === null ? '' : hex(parentSpanId),
    }))
}

function hex(id: Uint8Array): string {
  return Buffer.from(id).toString('hex')
}
