import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'

/** How the backend answers. It may be changed at any time and holds for requests that arrive from then on. */
export type Behaviour =
  /** Takes everything and answers with 200, or as said: a partial success is an answer like any other. */
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
  /** Cuts the connection when the request has arrived. */
  | { readonly kind: 'reset' }
  /** Takes everything and answers with 200 and so many bytes. */
  | { readonly kind: 'large'; readonly bytes: number }

/** A request as it arrived, its body uncompressed if it was gzip. */
export interface TakenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export interface FaultyBackendOptions {
  /** Default `{ kind: 'ok' }`. */
  readonly behaviour?: Behaviour | undefined
  /** Counts the items in a body, already uncompressed. Default: one per request. */
  readonly countItems?: ((body: Buffer, request: IncomingMessage) => number) | undefined
  /** Keeps the requests that were taken, in `taken`. Default `false`. */
  readonly keep?: boolean | undefined
  /**
   * Answers what is no telemetry (an agent's `/info`) and says so with `true`. Such a request follows no behaviour and is not
   * counted.
   */
  readonly answerAside?: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined
  /** PEM texts: then it speaks `https:`. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
}

/** An HTTP backend on loopback that misbehaves as told, and counts. */
export class FaultyBackend {
  behaviour: Behaviour
  /** Requests that arrived whole. */
  requestCount = 0
  /** Items in requests that were answered with 200. */
  itemCount = 0
  /** Bytes of `large` answers that were written, and so at most what was read of them. */
  bytesAnswered = 0
  /** With the option `keep`: what was taken, in the order of its arrival. */
  readonly taken: TakenRequest[] = []
  readonly #options: FaultyBackendOptions
  readonly #countItems: (body: Buffer, request: IncomingMessage) => number
  #server: Server | undefined
  #port = 0
  #slowUntilMs = 0

  constructor(options: FaultyBackendOptions = {}) {
    this.behaviour = options.behaviour ?? { kind: 'ok' }
    this.#countItems = options.countItems ?? (() => 1)
    this.#options = options
  }

  get port(): number {
    return this.#port
  }

  /** `http://127.0.0.1:PORT`, the same after `stop()` and `start()`. */
  get url(): string {
    return `http${this.#options.tls === undefined ? '' : 's'}://127.0.0.1:${this.#port}`
  }

  /** Listens; again on the same port after {@link stop}. */
  async start(): Promise<this> {
    const { tls } = this.#options
    const receive = (request: IncomingMessage, response: ServerResponse) => this.#receive(request, response)
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
    if (this.#options.keep) this.taken.push({ ...identityOf(request), body })
    if (behaviour.kind === 'large') {
      await this.#writeLarge(response, behaviour.bytes)
      return
    }
    const answer = behaviour.kind === 'ok' ? behaviour : undefined
    response.writeHead(answer?.status ?? 200, { ...answer?.headers }).end(answer?.body)
  }

  async #writeLarge(response: ServerResponse, bytes: number): Promise<void> {
    const chunk = Buffer.alloc(64 * 1024, 'x')
    const gone = once(response, 'close')
    response.writeHead(200)
    for (let left = bytes; left > 0 && !response.destroyed; left -= chunk.length) {
      this.bytesAnswered += chunk.length
      if (!response.write(chunk)) await Promise.race([once(response, 'drain'), gone])
    }
    response.end()
  }

  async #takeTurn(durationMs: number): Promise<void> {
    const now = performance.now()
    this.#slowUntilMs = Math.max(this.#slowUntilMs, now) + durationMs
    await delay(this.#slowUntilMs - now)
  }
}

function identityOf({ method = '', url = '', headers }: IncomingMessage): Omit<TakenRequest, 'body'> {
  return { method, url, headers }
}

/** A {@link FaultyBackend} that listens. */
export function faultyBackend(options?: FaultyBackendOptions): Promise<FaultyBackend> {
  return new FaultyBackend(options).start()
}
