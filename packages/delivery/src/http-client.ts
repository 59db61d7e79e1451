import { detached } from './detached'
import { HttpConnections } from './http-connections'
import { requestHead, withLength, withoutLength } from './http-request-head'
import type { HttpAnswer } from './http-response-parser'
import { basicAuthorization } from './http-transport-options'
import { TimeLimit } from './time-limit'

export interface HttpCall {
  /** `http:` or `https:`. */
  readonly url: string
  /** Default `GET`. */
  readonly method?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: Uint8Array | string | undefined
  /** For the whole exchange. Default 5,000. */
  readonly timeoutMs?: number | undefined
  /** Path of a unix socket to use in place of the URL's host and port. */
  readonly socketPath?: string | undefined
  /** Who signed the server's certificate: a PEM text. */
  readonly ca?: string | undefined
  /** Of an answer, what is more is not read. Default 4 MiB. */
  readonly maxResponseBytes?: number | undefined
}

/**
 * Asks a backend something beside the telemetry: what an agent offers, which sampling rules hold. Over connections of its own,
 * kept alive, outside of any request, never traced, and never keeping the process alive.
 */
export class HttpClient {
  readonly #connections = new Map<string, HttpConnections>()

  /** Resolves to any answer, whatever its status. Rejects when none came within `timeoutMs`, or the call can't be made. */
  request(call: HttpCall): Promise<HttpAnswer> {
    return detached(() => this.#request(call))
  }

  close(): void {
    for (const connections of this.#connections.values()) connections.close()
    this.#connections.clear()
  }

  async #request(call: HttpCall): Promise<HttpAnswer> {
    const { method = 'GET', timeoutMs = 5_000, maxResponseBytes = 4 * 1024 * 1024 } = call
    const url = new URL(call.url)
    const body = typeof call.body === 'string' ? Buffer.from(call.body) : (call.body ?? new Uint8Array(0))
    const head = requestHead(method, url, { ...basicAuthorization(url), ...call.headers })
    const expectsBody = body.byteLength > 0 || (method !== 'GET' && method !== 'HEAD')
    const exchange = {
      head: expectsBody ? withLength(head, body.byteLength) : withoutLength(head),
      body,
      isBodiless: method === 'HEAD',
      maxResponseBytes,
    }
    const limit = new TimeLimit(timeoutMs)
    try {
      const { answer, failure } = await this.#connectionsTo(url, call).exchange(exchange, limit)
      if (answer !== undefined) return answer
      throw limit.isOver
        ? new Error(`no answer within ${timeoutMs} ms`)
        : (failure?.error ?? new Error('no answer'))
    } finally {
      limit.end()
    }
  }

  #connectionsTo(url: URL, { socketPath, ca }: HttpCall): HttpConnections {
    const key = JSON.stringify([url.origin, socketPath, ca])
    let connections = this.#connections.get(key)
    if (connections === undefined) {
      connections = new HttpConnections({ url, socketPath, ca })
      this.#connections.set(key, connections)
    }
    return connections
  }
}
