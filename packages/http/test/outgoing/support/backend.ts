import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import { close, listen } from '../../support/client'

export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
}

/** A server that remembers what it was asked, on loopback. */
export interface Backend {
  readonly port: number
  readonly url: string
  readonly received: Received[]
  close(): Promise<void>
}

/** `/status/404`, `/redirect` (to `/`), `/big` (1 MiB), `/broken` (dies within its body), `/hang`, `/slow-body` (20 ms after its headers); else 200 after `delayMs`. */
export async function startBackend(delayMs = 0): Promise<Backend> {
  const received: Received[] = []
  const server: Server = createServer((request, response) => {
    const { method = '', url = '', headers, rawHeaders } = request
    received.push({ method, url, headers, rawHeaders })
    request.resume()
    answer(url, response, delayMs)
  })
  server.on('upgrade', (request, socket) => {
    const { method = '', url = '', headers, rawHeaders } = request
    received.push({ method, url, headers, rawHeaders })
    socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: test\r\n\r\n')
  })
  const port = await listen(server)
  return { port, url: `http://127.0.0.1:${port}`, received, close: () => close(server) }
}

function answer(url: string, response: ServerResponse, delayMs: number): void {
  const [path = ''] = url.split('?')
  if (path === '/hang') return
  if (path.startsWith('/status/')) {
    response.statusCode = Number(path.slice(8))
    response.end('status')
  } else if (path === '/redirect') response.writeHead(302, { location: '/' }).end()
  else if (path === '/big') response.end(Buffer.alloc(1 << 20))
  else if (path === '/broken') {
    response.writeHead(200, { 'content-length': 100 })
    response.write('part', () => setTimeout(() => response.destroy(), 20))
  } else if (path === '/slow-body') {
    response.write('a')
    setTimeout(() => response.end('b'), 20)
  } else setTimeout(() => response.end('ok'), delayMs)
}
