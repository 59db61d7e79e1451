import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { after } from 'node:test'

/** A server on loopback until the end of the file. `serve` is called with each connection. Resolves to its port. */
export async function listen(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    serve(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** Calls `take` with each whole message; `lengthOf` says how long the one at the start is, or that not enough is there. */
export function messages(
  socket: Socket,
  lengthOf: (bytes: Buffer) => number | undefined,
  take: (message: Buffer) => void,
): void {
  let waiting = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk])
    for (;;) {
      const length = lengthOf(waiting)
      if (length === undefined || waiting.length < length) return
      const message = waiting.subarray(0, length)
      waiting = waiting.subarray(length)
      take(message)
    }
  })
}
