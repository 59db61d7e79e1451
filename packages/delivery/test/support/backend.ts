import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { after } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { decode } from './encoder'

export interface Received {
  readonly headers: http.IncomingHttpHeaders
  readonly method: string
  readonly url: string
  readonly body: Buffer
}

type Behaviour = (response: http.ServerResponse, received: Received, nth: number) => void

// What a failed test left open would keep its file running for ever.
const running = new Set<{ stop(): unknown }>()
after(async () => {
  for (const server of running) await server.stop()
})

/** A real HTTP server that keeps what it acknowledged and behaves as told. */
export class Backend {
  readonly requests: Received[] = []
  /** Names of spans in requests that were answered with 200. */
  readonly names: string[] = []
  readonly #server: http.Server
  behave: Behaviour

  private constructor(behave: Behaviour) {
    this.behave = behave
    this.#server = http.createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk) => chunks.push(chunk))
      request.on('error', () => {})
      request.on('end', () => {
        const sent = Buffer.concat(chunks)
        const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
        const received = { headers: request.headers, method: request.method!, url: request.url!, body }
        this.requests.push(received)
        response.on('finish', () => {
          if (response.statusCode === 200) this.names.push(...decode(body))
        })
        this.behave(response, received, this.requests.length)
      })
    })
  }

  static async start(behave: Behaviour = (response) => response.end(), port = 0): Promise<Backend> {
    const backend = new Backend(behave)
    await new Promise<void>((resolve) => backend.#server.listen(port, '127.0.0.1', resolve))
    running.add(backend)
    return backend
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/v1/traces`
  }

  async stop(): Promise<void> {
    running.delete(this)
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** A TCP server that does with each connection what it is told; closed with everything it accepted. */
export async function tcpServer(
  onSocket: (socket: net.Socket) => void,
): Promise<{ port: number; stop(): void }> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onSocket(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const started = {
    port: (server.address() as AddressInfo).port,
    stop() {
      running.delete(started)
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
  running.add(started)
  return started
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = await tcpServer(() => {})
  server.stop()
  return server.port
}
