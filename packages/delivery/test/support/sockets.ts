import dgram from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'

const open = new Set<() => void>()
after(() => {
  for (const close of open) close()
})

/** A UDP receiver on loopback that keeps what came. */
export async function udpServer(port = 0) {
  const received: Buffer[] = []
  const socket = dgram.createSocket('udp4', (message) => received.push(message))
  socket.bind(port, '127.0.0.1')
  await once(socket, 'listening')
  const close = () => {
    if (!open.delete(close)) return
    socket.close()
  }
  open.add(close)
  return { port: socket.address().port, received, close }
}

/** A port of UDP on which nothing listens. */
export async function closedUdpPort(): Promise<number> {
  const server = await udpServer()
  server.close()
  return server.port
}

/** A stream receiver, TCP or at a path, that keeps what came and may do something with each connection. */
export async function streamServer(address: number | string = 0, onSocket = (_socket: net.Socket) => {}) {
  const received: Buffer[] = []
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('data', (chunk: Buffer) => received.push(chunk))
    socket.on('error', () => {})
    onSocket(socket)
  })
  if (typeof address === 'string') server.listen(address)
  else server.listen(address, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    if (!open.delete(close)) return
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  open.add(close)
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0
  return { port, received, sockets, close, text: () => Buffer.concat(received).toString() }
}

/** A folder of its own, removed at the end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hashira-'))
  open.add(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Keeps the process alive while `run` runs: a transport itself keeps no process alive (a flush does). */
export async function kept<T>(run: () => Promise<T>): Promise<T> {
  const alive = setInterval(() => {}, 1_000)
  try {
    return await run()
  } finally {
    clearInterval(alive)
  }
}
