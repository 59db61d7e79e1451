import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'

/** How the backend answers. It may be changed at any time and holds for requests that arrive from then on. */
export type Behaviour =
  /** Takes everything and answers with 200, or as said. */
  | {
      readonly kind: 'ok'
      readonly status?: number | undefined
      readonly headers?: Readonly<Record<string, string>> | undefined
      readonly body?: string | Uint8Array | undefined
    }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Takes so many items per second, one request after the other. */
  | { readonly kind: 'slow'; readonly itemsPerSecond: number }
  /** Answers with this status and takes nothing. */
  | {
      readonly kind: 'status'
      readonly status: number
      readonly retryAfter?: string | undefined
      readonly body?: string | undefined
    }
  /** Takes all but `rejected` items of each request, and says so in `body` as its protocol has it. */
  | {
      readonly kind: 'partial'
      readonly rejected: number
      readonly body: Uint8Array | string
      readonly contentType?: string | undefined
      /** Default 200. */
      readonly status?: number | undefined
    }
  /** Cuts the connection when the request has arrived. */
  | { readonly kind: 'reset' }
  /** Cuts the connection with the first bytes of a request's body, and takes nothing. */
  | { readonly kind: 'reset_request' }
  /** Takes nothing, begins an answer (200) and cuts the connection in the middle of it. */
  | { readonly kind: 'reset_answer' }
  /** Takes everything, begins an answer and never ends it. */
  | { readonly kind: 'stall' }
  /** Takes everything, and answers with so many bytes. */
  | { readonly kind: 'flood'; readonly bytes: number }
  /** Decides for each request, by its number from 1 on and its items. */
  | { readonly kind: 'each'; readonly choose: (number: number, items: number) => Behaviour }

export interface FaultyBackendOptions {
  /** Default `{ kind: 'ok' }`. */
  readonly behaviour?: Behaviour | undefined
  /** Counts the items in a body, already uncompressed. Default: one per request. */
  readonly countItems?: ((body: Buffer, request: IncomingMessage) => number) | undefined
  /** Told of each body that was taken, at least in part; already uncompressed. */
  readonly onTaken?: ((body: Buffer, request: IncomingMessage) => void) | undefined
  /**
   * Answers what is no telemetry (an agent's `/info`) and says so with `true`. Such a request follows no behaviour and is not
   * counted.
   */
  readonly answerAside?: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined
  /** PEM texts: speaks HTTPS with them. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined
}

/** An HTTP backend on loopback that misbehaves as told, and counts. */
export class FaultyBackend {
  behaviour: Behaviour
  /** Requests that arrived whole. */
  requestCount = 0
  /** Items in requests that were answered with 200. */
  itemCount = 0
  readonly #options: FaultyBackendOptions
  #server: Server | undefined
  #port = 0
  #slowUntilMs = 0
  /** Bytes of a flood that were handed to the operating system. */
  floodedBytes = 0

  constructor(options: FaultyBackendOptions = {}) {
    this.behaviour = options.behaviour ?? { kind: 'ok' }
    this.#options = options
  }

  /** `http://127.0.0.1:PORT` (or `https:`), the same after `stop()` and `start()`. */
  get url(): string {
    return `http${this.#options.tls === undefined ? '' : 's'}://127.0.0.1:${this.#port}`
  }

  get port(): number {
    return this.#port
  }

  /** Listens; again on the same port after {@link stop}. */
  async start(): Promise<this> {
    const receive = (request: IncomingMessage, response: ServerResponse) => this.#receive(request, response)
    const { tls } = this.#options
    const server = tls === undefined ? createServer(receive) : createSecureServer(tls, receive)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
    return this
  }

  /** Dies: cuts every connection and refuses new ones. */
  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    if (this.#options.answerAside?.(request, response)) return
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      if (this.behaviour.kind === 'reset_request') reset(request)
    })
    request.on('error', () => response.destroy())
    request.on('end', () => {
      const number = ++this.requestCount
      this.#respond(request, response, Buffer.concat(chunks), number).catch(() => response.destroy())
    })
  }

  async #respond(request: IncomingMessage, response: ServerResponse, sent: Buffer, number: number) {
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
    const items = this.#count(body, request)
    await this.#answer({ request, response, body, items, number }, this.behaviour)
  }

  #count(body: Buffer, request: IncomingMessage): number {
    return this.#options.countItems?.(body, request) ?? 1
  }

  async #answer(exchange: Exchange, behaviour: Behaviour): Promise<void> {
    const { request, response, items, number } = exchange
    switch (behaviour.kind) {
      case 'each':
        return this.#answer(exchange, behaviour.choose(number, items))
      case 'hang':
        return
      case 'reset':
      case 'reset_request':
        return reset(request)
      case 'reset_answer':
        response.writeHead(200, { 'content-length': '1000' }).write('the beginning', () => reset(request))
        return
      case 'status': {
        const headers = behaviour.retryAfter === undefined ? {} : { 'retry-after': behaviour.retryAfter }
        response.writeHead(behaviour.status, headers).end(behaviour.body)
        return
      }
      case 'slow':
        await this.#takeTurn((items / behaviour.itemsPerSecond) * 1e3)
        break
      default:
    }
    if (response.destroyed) return
    this.#take(exchange, behaviour.kind === 'partial' ? behaviour.rejected : 0)
    this.#confirm(response, behaviour)
  }

  #take({ body, request, items }: Exchange, rejected: number): void {
    this.itemCount += items - rejected
    this.#options.onTaken?.(body, request)
  }

  #confirm(response: ServerResponse, behaviour: Behaviour): void {
    if (behaviour.kind === 'partial') {
      const headers = { 'content-type': behaviour.contentType ?? 'application/x-protobuf' }
      response.writeHead(behaviour.status ?? 200, headers).end(behaviour.body)
    } else if (behaviour.kind === 'stall')
      response.writeHead(200, { 'content-length': '1000' }).write('the beginning')
    else if (behaviour.kind === 'flood') {
      response.writeHead(200)
      pipeline(Readable.from(this.#flood(behaviour.bytes)), response).catch(() => {})
    } else {
      const { status = 200, headers, body } = this.#success(behaviour)
      response.writeHead(status, { ...headers }).end(body)
    }
  }

  /** What is slow says in the end what all is well was said with at first. */
  #success(behaviour: Behaviour): Behaviour & { readonly kind: 'ok' } {
    const wanted = behaviour.kind === 'ok' ? behaviour : this.#options.behaviour
    return wanted?.kind === 'ok' ? wanted : { kind: 'ok' }
  }

  *#flood(bytes: number): Generator<Buffer> {
    const chunk = Buffer.alloc(64 * 1024, 'x')
    for (let left = bytes; left > 0; left -= chunk.length) {
      this.floodedBytes += Math.min(left, chunk.length)
      yield chunk.subarray(0, left)
    }
  }

  async #takeTurn(durationMs: number): Promise<void> {
    const now = performance.now()
    this.#slowUntilMs = Math.max(this.#slowUntilMs, now) + durationMs
    await delay(this.#slowUntilMs - now)
  }
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly body: Buffer
  readonly items: number
  readonly number: number
}

/** An abrupt end; over TLS only what a destroyed socket is. */
function reset({ socket }: IncomingMessage): void {
  if ('encrypted' in socket) socket.destroy()
  else socket.resetAndDestroy()
}

/** A {@link FaultyBackend} that listens. */
export function faultyBackend(options?: FaultyBackendOptions): Promise<FaultyBackend> {
  return new FaultyBackend(options).start()
}
