import type net from 'node:net'

/** TCP, or the path of a unix stream socket. */
export type StreamAddress = { readonly host: string; readonly port: number } | { readonly path: string }

/** A TCP or unix stream socket that does not keep the process alive. What the other end sends is read and forgotten. */
export class StreamConnection {
  readonly #socket: net.Socket
  #error: Error | undefined

  private constructor(socket: net.Socket) {
    this.#socket = socket
    socket.on('error', (error) => {
      this.#error ??= error
    })
    // An agent that restarts ends the stream: what is written from then on would be lost.
    socket.on('end', () => socket.destroy())
    socket.resume()
  }

  static async open(address: StreamAddress, signal: AbortSignal): Promise<StreamConnection> {
    const { connect } = process.getBuiltinModule('node:net')
    const socket = connect({ ...address, noDelay: true, keepAlive: true } as net.NetConnectOpts)
    socket.unref()
    const stop = () =>
      socket.destroy(Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' }))
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject)
        socket.once('connect', resolve)
      })
    } finally {
      signal.removeEventListener('abort', stop)
    }
    return new StreamConnection(socket)
  }

  get usable(): boolean {
    return this.#error === undefined && !this.#socket.destroyed
  }

  /** Resolves when the operating system has all bytes; rejects when the connection breaks before. */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => (error ? reject(this.#error ?? error) : resolve()))
    })
  }

  /** Throws what broke the connection. */
  throwError(): void {
    if (this.#error !== undefined) throw this.#error
  }

  close(): void {
    this.#socket.destroy()
  }
}
