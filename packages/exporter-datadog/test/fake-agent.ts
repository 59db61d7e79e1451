import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface AgentRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** The trace agent's HTTP interface on loopback or a unix socket: `/info`, rates in its answers, statuses as told. */
export class FakeAgent {
  readonly requests: AgentRequest[] = []
  info: unknown = { endpoints: ['/v0.4/traces'] }
  rates: Record<string, number> = {}
  /** By path; 200 otherwise. */
  readonly statuses = new Map<string, number>()
  state = 'a'
  readonly #server: Server
  #url = ''

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const path = request.url ?? ''
        const { method = '', headers } = request
        this.requests.push({ method, path, headers, body: Buffer.concat(chunks) })
        const status = this.statuses.get(path) ?? 200
        const body = path === '/info' ? this.info : { rate_by_service: this.rates }
        response.writeHead(status, { 'datadog-agent-state': this.state }).end(JSON.stringify(body))
      })
    })
  }

  get url(): string {
    return this.#url
  }

  async listen(socketPath?: string, port = 0): Promise<this> {
    await new Promise<void>((resolve) => {
      if (socketPath === undefined) this.#server.listen(port, '127.0.0.1', resolve)
      else this.#server.listen(socketPath, resolve)
    })
    this.#url =
      socketPath === undefined
        ? `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
        : `unix://${socketPath}`
    return this
  }

  /** Requests but `/info`. */
  get payloads(): AgentRequest[] {
    return this.requests.filter(({ path }) => path !== '/info')
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }
}
