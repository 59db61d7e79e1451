import http from 'node:http'
import net from 'node:net'
import { tcpServer } from './backend'

/** What a {@link rawBackend} received as one request. */
export interface RawRequest {
  readonly head: string
  readonly body: string
  /** The how manieth connection it came over, from 1. */
  readonly connection: number
}

/**
 * Speaks HTTP by hand: reads requests with a content-length as the bytes they are, and writes whatever it is told to. `answer`
 * gets the request, how many came before it over the same connection, and the socket.
 */
export async function rawBackend(
  answer: (socket: net.Socket, request: RawRequest, nthOfConnection: number) => void,
) {
  const requests: RawRequest[] = []
  let connections = 0
  const server = await tcpServer((socket) => {
    const connection = ++connections
    let received = ''
    let nth = 0
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1')
      for (;;) {
        const headEnd = received.indexOf('\r\n\r\n')
        if (headEnd < 0) return
        const head = received.slice(0, headEnd)
        const end = headEnd + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
        if (received.length < end) return
        const request = { head, body: received.slice(headEnd + 4, end), connection }
        received = received.slice(end)
        requests.push(request)
        answer(socket, request, nth++)
      }
    })
  })
  return { ...server, url: `http://127.0.0.1:${server.port}/`, requests, connections: () => connections }
}

/** Passes bytes on to `port`, and those that come back in pieces of the sizes that `pieces` says, over and over. */
export async function cuttingRelay(port: number, pieces: () => readonly number[]) {
  return tcpServer((socket) => {
    socket.setNoDelay(true)
    const upstream = net.connect(port, '127.0.0.1')
    socket.pipe(upstream)
    upstream.on('error', () => socket.destroy())
    socket.on('close', () => upstream.destroy())
    let nth = 0
    let passed = Promise.resolve()
    upstream.on('data', (bytes) => {
      passed = passed.then(async () => {
        const sizes = pieces()
        for (let at = 0; at < bytes.length; ) {
          const size = sizes[nth++ % sizes.length]!
          socket.write(bytes.subarray(at, at + size))
          at += size
          await new Promise((resolve) => setImmediate(resolve))
        }
      })
    })
    upstream.on('end', () => void passed.then(() => socket.end()))
  })
}

export interface ClientAnswer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

/** The same asked by Node's own client. */
export function askNode(port: number, method = 'POST'): Promise<ClientAnswer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ port, host: '127.0.0.1', method, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString('base64')
        resolve({ status: response.statusCode!, headers: response.headers, body })
      })
    })
    request.on('error', reject)
    request.end()
  })
}
