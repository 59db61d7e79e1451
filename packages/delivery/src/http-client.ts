import type http from 'node:http'
import type https from 'node:https'
import { detached, idleTimer } from './detached'
import { exchange, type HttpAnswer } from './http-exchange'

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
 * Asks a backend something beside the telemetry: what an agent offers, which sampling rules hold. Over `node:http` and
 * `node:https` with keep-alive, outside of any request, never traced, and never keeping the process alive.
 */
export class HttpClient {
  readonly #agents = new Map<string, http.Agent>()

  /** Resolves to any answer, whatever its status. Rejects when none came within `timeoutMs`, or the call can't be made. */
  request(call: HttpCall): Promise<HttpAnswer> {
    return detached(() => this.#request(call))
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy()
    this.#agents.clear()
  }

  async #request(call: HttpCall): Promise<HttpAnswer> {
    const {
      method = 'GET',
      headers = {},
      timeoutMs = 5_000,
      socketPath,
      maxResponseBytes = 4 * 1024 * 1024,
      ca,
    } = call
    const url = new URL(call.url)
    const module = process.getBuiltinModule(
      url.protocol === 'https:' ? 'node:https' : 'node:http',
    ) as typeof https
    const body = typeof call.body === 'string' ? Buffer.from(call.body) : (call.body ?? new Uint8Array(0))
    const length: Record<string, string> =
      method === 'GET' ? {} : { 'content-length': String(body.byteLength) }
    const options = {
      method,
      headers: { ...headers, ...length },
      agent: this.#agent(module, url),
      socketPath,
      ca,
    }
    const abort = new AbortController()
    const timer = idleTimer(timeoutMs, () => abort.abort())
    try {
      const { answer, failure } = await exchange({
        start: module.request,
        url,
        options,
        body,
        maxResponseBytes,
        abort: abort.signal,
      })
      if (answer !== undefined) return answer
      throw abort.signal.aborted
        ? new Error(`no answer within ${timeoutMs} ms`)
        : (failure?.error ?? new Error('no answer'))
    } finally {
      clearTimeout(timer)
    }
  }

  #agent(module: typeof https, { protocol }: URL): http.Agent {
    let agent = this.#agents.get(protocol)
    if (agent === undefined) {
      agent = new module.Agent({ keepAlive: true, maxFreeSockets: 1 })
      this.#agents.set(protocol, agent)
    }
    return agent
  }
}
