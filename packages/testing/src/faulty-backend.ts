import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'

/** How the backend answers. It may be changed at any time and holds for requests that arrive from then on. */
export type Behaviour =
  | { readonly kind: 'ok' }
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
  /** Cuts the connection when the request has arrived. */
  | { readonly kind: 'reset' }

export interface FaultyBackendOptions {
  /** Default `{ kind: 'ok' }`. */
  readonly behaviour?: Behaviour | undefined
  /** Counts the items in a body, already uncompressed. Default: one per request. */
  readonly countItems?: ((body: Buffer, request: IncomingMessage) => number) | undefined
}

/** An HTTP backend on loopback that misbehaves as told, and counts. */
export class FaultyBackend {
  behaviour: Behaviour
  /** Requests that arrived whole. */
  requestCount = 0
  /** Items in requests that were answered with 200. */
  itemCount = 0
  readonly #countItems: (body: Buffer, request: IncomingMessage) => number
  #server: Server | undefined
  #port = 0
  #slowUntilMs = 0

  constructor({ behaviour = { kind: 'ok' }, countItems = () => 1 }: FaultyBackendOptions = {}) {
    this.behaviour = behaviour
    this.#countItems = countItems
  }

  /** `http://127.0.0.1:PORT`, the same after `stop()` and `start()`. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Listens; again on the same port after {@link stop}. */
  async start(): Promise<this> {
    const server = createServer((request, response) => this.#receive(request, response))
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
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => response.destroy())
    request.on('end', () => {
      this.requestCount++
      this.#answer(request, response, Buffer.concat(chunks)).catch(() => response.destroy())
    })
  }

  async #answer(request: IncomingMessage, response: ServerResponse, sent: Buffer): Promise<void> {
    const { behaviour } = this
    if (behaviour.kind === 'hang') return
    if (behaviour.kind === 'reset') {
      request.socket.resetAndDestroy()
      return
    }
    if (behaviour.kind === 'status') {
      const headers = behaviour.retryAfter === undefined ? {} : { 'retry-after': behaviour.retryAfter }
      response.writeHead(behaviour.status, headers).end(behaviour.body)
      return
    }
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
    const items = this.#countItems(body, request)
    if (behaviour.kind === 'slow') await this.#takeTurn((items / behaviour.itemsPerSecond) * 1e3)
    if (response.destroyed) return
    this.itemCount += items
    response.writeHead(200).end()
  }

  async #takeTurn(durationMs: number): Promise<void> {
    const now = performance.now()
    this.#slowUntilMs = Math.max(this.#slowUntilMs, now) + durationMs
    await delay(this.#slowUntilMs - now)
  }
}

/** A {@link FaultyBackend} that listens. */
export function faultyBackend(options?: FaultyBackendOptions): Promise<FaultyBackend> {
  return new FaultyBackend(options).start()
}
