import type dgram from 'node:dgram'
import { promises as dns } from 'node:dns'
import { isIP } from 'node:net'
import { countFault } from '@hashira/core'

/** A name may point elsewhere later (an agent that moved); nobody tells a UDP sender. */
const RESOLVE_AGAIN_MS = 60_000

/** A connected UDP socket that does not keep the process alive and remembers what the other end answered: that nobody listens. */
export class UdpConnection {
  readonly #socket: dgram.Socket
  readonly #staleAtMs: number
  #error: Error | undefined
  #closed = false
  #users = 0

  private constructor(socket: dgram.Socket, isName: boolean) {
    this.#socket = socket
    this.#staleAtMs = isName ? performance.now() + RESOLVE_AGAIN_MS : Number.POSITIVE_INFINITY
    socket.on('error', (error) => {
      // Between two batches: the one that it belongs to counts as delivered already.
      if (this.#users === 0) countFault('datagram_refused_late')
      this.#error = error
    })
  }

  static async open(host: string, port: number): Promise<UdpConnection> {
    const { address, family } = await dns.lookup(host)
    const { createSocket } = process.getBuiltinModule('node:dgram')
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4').unref()
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject)
        socket.connect(port, address, resolve)
      })
    } catch (error) {
      socket.close()
      throw error
    }
    socket.removeAllListeners('error')
    return new UdpConnection(socket, isIP(host) === 0)
  }

  /** Whether the next batch should use it. */
  get usable(): boolean {
    return (
      !this.#closed && this.#error === undefined && (this.#users > 0 || performance.now() < this.#staleAtMs)
    )
  }

  /** Runs `send` as one batch; rejects when the socket has an error, during it or before. */
  async use<T>(send: () => Promise<T>): Promise<T> {
    this.#users++
    try {
      const result = await send()
      if (this.#error !== undefined) throw this.#error
      return result
    } finally {
      this.#users--
    }
  }

  /** Resolves to the error of this one datagram; never rejects. */
  send(bytes: Uint8Array): Promise<NodeJS.ErrnoException | undefined> {
    if (this.#error !== undefined) return Promise.resolve(this.#error)
    return new Promise((resolve) => this.#socket.send(bytes, (error) => resolve(error ?? undefined)))
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#error ??= new Error('the socket is closed')
    this.#socket.close()
  }
}
