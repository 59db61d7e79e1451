import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  callInContext,
  countFault,
  markOwnServer,
  type PullHost,
  type PullMetrics,
  rootContext,
  suppressTracing,
  warnOnce,
} from '@hashira/core'
import { DEFAULT_HOST } from './options'
import { answerScrape, sendText } from './scrape'

interface ListenerSettings {
  readonly host: string
  readonly port: number | 'none'
  readonly path: string
}

/** How long a scrape that is under way may take to end when the listener closes: it has the last values. */
const LAST_SCRAPE_MS = 200
const NO_IPV6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL'])
/** Says to whoever instruments servers that this one is none of the app's. */
const UNTRACED = Symbol.for('hashira.untraced')
const quiet = suppressTracing(rootContext)

/** The endpoint that Prometheus scrapes. Neither it nor a connection to it keeps the process alive. */
export class PrometheusListener implements PullMetrics {
  readonly kind = 'pull'
  readonly #settings: ListenerSettings
  #server: Server | undefined

  constructor(settings: ListenerSettings) {
    this.#settings = settings
  }

  async open(host: PullHost): Promise<string | undefined> {
    const { port } = this.#settings
    if (port === 'none') return undefined
    await this.close()
    for (const address of addressesToTry(this.#settings.host)) {
      const server = createUntracedServer((request, response) => this.#route(request, response, host))
      try {
        await listen(server, port, address)
        this.#server = server
        return this.#url(server)
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (address === DEFAULT_HOST && NO_IPV6.has(code ?? '')) continue
        this.#warn(error, address)
        return undefined
      }
    }
    return undefined
  }

  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeIdleConnections()
    const timer = setTimeout(() => server.closeAllConnections(), LAST_SCRAPE_MS)
    await closed
    clearTimeout(timer)
  }

  #route(request: IncomingMessage, response: ServerResponse, host: PullHost): void {
    const { path } = this.#settings
    const asked = request.url?.split('?', 1)[0]
    if (asked === path) answerScrape({ request, response, host })
    else if (asked === '/') sendText(response, 200, `Hashira serves the metrics of this process at ${path}\n`)
    else sendText(response, 404, `Not here. The metrics are at ${path}\n`)
  }

  #url(server: Server): string {
    const { address, family, port } = server.address() as AddressInfo
    const isWildcard = address === '::' || address === '0.0.0.0'
    const name = isWildcard ? 'localhost' : family === 'IPv6' ? `[${address}]` : address
    return `http://${name}:${port}${this.#settings.path}`
  }

  #warn(error: unknown, address: string): void {
    const { code, message } = error as NodeJS.ErrnoException
    const { port, path } = this.#settings
    const reason = code === 'EADDRINUSE' ? 'the port is taken' : (code ?? message)
    warnOnce(
      'HASHIRA_PORT_BUSY',
      `metrics are not served at ${address} port ${port} (${reason}); set HASHIRA_PROMETHEUS_PORT, or to none and use metricsHandler() at ${path}`,
    )
  }
}

function addressesToTry(host: string): string[] {
  return host === DEFAULT_HOST ? [DEFAULT_HOST, '0.0.0.0'] : [host]
}

/** A server out of reach of instrumentation: some patch `Server.prototype.emit`, so this one has an `emit` of its own. */
function createUntracedServer(
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const server = markOwnServer(createServer(onRequest))
  const emit = (args: Parameters<EventEmitter['emit']>) => EventEmitter.prototype.emit.apply(server, args)
  server.emit = (...args: Parameters<EventEmitter['emit']>) => callInContext(quiet, emit, args)
  Object.defineProperty(server, UNTRACED, { value: true })
  server.unref()
  server.on('connection', (socket) => socket.unref())
  return server
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  server.listen({ port, host })
  await once(server, 'listening')
  server.on('error', () => countFault('prometheus_listener'))
}
