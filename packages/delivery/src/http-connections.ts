import type net from 'node:net'
import type tls from 'node:tls'
import { detached } from './detached'
import {
  type ConnectionOwner,
  type ExchangeOutcome,
  HttpConnection,
  type HttpExchange,
} from './http-connection'
import type { TimeLimit } from './time-limit'

export interface HttpTarget {
  /** Its host and port, and whether it is `https:`. */
  readonly url: URL
  /** Path of a unix socket, in place of host and port. */
  readonly socketPath?: string | undefined
  /** PEM texts for TLS. */
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

const MAX_IDLE = 4

/**
 * The connections to one backend (RFC 9112, 9): opened as wanted, kept when free, the latest used first, at most four. Not
 * `node:http`: its client costs a server that is busy with other things 570 to 750 µs of CPU for a batch of 230 KB, a bare
 * socket 310 to 430 (Node 24). The whole way of a batch, queue included, takes 1.7 times what the bare socket does; 2.7 times over
 * `node:http` and with a timer for each limit.
 */
export class HttpConnections implements ConnectionOwner {
  readonly #target: HttpTarget
  readonly #all = new Set<HttpConnection>()
  #idle: HttpConnection[] = []
  #isClosed = false
  #secureContext: tls.SecureContext | undefined
  #session: Buffer | undefined

  constructor(target: HttpTarget) {
    this.#target = target
  }

  /** One request and its whole response. Rejects only when no connection can even be tried. */
  exchange(exchange: HttpExchange, limit: TimeLimit): Promise<ExchangeOutcome> {
    return new Promise((resolve, reject) => {
      if (limit.isOver) return resolve({ failure: { error: undefined, sent: false, stale: false } })
      const kept = this.#takeIdle()
      if (kept === undefined) return this.#open().exchange(exchange, limit, resolve)
      kept.exchange(exchange, limit, (outcome) => {
        if (!outcome.failure?.stale || limit.isOver || this.#isClosed) return resolve(outcome)
        // A kept connection that the backend closed meanwhile says nothing about the backend: once more, on a new one.
        try {
          this.#open().exchange(exchange, limit, resolve)
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  /** Closes all, also those in use. What is still asked after this gets a connection of its own. */
  close(): void {
    this.#isClosed = true
    for (const connection of this.#all) connection.close()
  }

  onFree(connection: HttpConnection): void {
    if (this.#isClosed || this.#idle.length >= MAX_IDLE) connection.close()
    else this.#idle.push(connection)
  }

  onClose(connection: HttpConnection): void {
    this.#all.delete(connection)
    this.#idle = this.#idle.filter((idle) => idle !== connection)
  }

  #takeIdle(): HttpConnection | undefined {
    for (let last = this.#idle.pop(); last !== undefined; last = this.#idle.pop()) {
      if (last.usable) return last
      last.close()
    }
    return undefined
  }

  #open(): HttpConnection {
    // A socket remembers who opened it: no request of the app.
    const connection = detached(() => new HttpConnection(this.#socket(), this))
    this.#all.add(connection)
    return connection
  }

  #socket(): net.Socket {
    const { url, socketPath, ca, cert, key } = this.#target
    const { connect, isIP } = process.getBuiltinModule('node:net')
    const isSecure = url.protocol === 'https:'
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const port = url.port === '' ? (isSecure ? 443 : 80) : Number(url.port)
    const path = socketPath === undefined ? {} : { path: socketPath }
    if (!isSecure) return tuned(connect({ host, port, ...path }))
    const { connect: connectSecurely, createSecureContext } = process.getBuiltinModule('node:tls')
    this.#secureContext ??= createSecureContext({ ca, cert, key })
    const socket = connectSecurely({
      host,
      port,
      ...path,
      // RFC 6066, 3: names only.
      ...(isIP(host) === 0 ? { servername: host } : {}),
      secureContext: this.#secureContext,
      ALPNProtocols: ['http/1.1'],
      session: this.#session,
    })
    socket.on('session', (session) => {
      this.#session = session
    })
    return tuned(socket)
  }
}

/** As Node's agent: nothing waits for more to send, and a backend that is gone is noticed. */
function tuned<T extends net.Socket>(socket: T): T {
  socket.setNoDelay(true)
  socket.setKeepAlive(true, 1_000)
  return socket
}
