import type { Batch, SendResult, Transport } from '@hashira/core'
import { type Datagram, detached } from '@hashira/delivery'
import { loadUnixDgram, type UnixDatagramSocket } from './unix-dgram'

const TIMEOUT_MS = 5_000

/**
 * DogStatsD over a unix datagram socket. Unlike UDP nothing is lost on the way: a full socket says so, and the batch waits until it
 * has room.
 */
export class UnixDatagramTransport implements Transport {
  readonly destination: string
  readonly timeoutMs = TIMEOUT_MS
  readonly #path: string
  readonly #split: (bytes: Uint8Array) => Iterable<Datagram>
  readonly #createSocket: () => UnixDatagramSocket
  #socket: UnixDatagramSocket | undefined
  #hasRoom: (() => void) | undefined
  /** What of a batch is out already when it was interrupted. */
  readonly #sentOf = new WeakMap<Batch, number>()

  /** @throws HashiraError HASHIRA_OPTION_INVALID when `unix-dgram` is not installed */
  constructor(path: string, split: (bytes: Uint8Array) => Iterable<Datagram>) {
    const { createSocket } = loadUnixDgram()
    this.#createSocket = () => createSocket('unix_dgram')
    this.#path = path
    this.#split = split
    this.destination = `unix://${path}`
  }

  async send(batch: Batch, abort: AbortSignal): Promise<SendResult> {
    const deadlineMs = performance.now() + TIMEOUT_MS
    const datagrams = [...this.#split(batch.bytes)]
    let tooLarge = 0
    try {
      const socket = this.#connected()
      for (let next = this.#sentOf.get(batch) ?? 0; next < datagrams.length; ) {
        const { bytes, itemCount } = datagrams[next]!
        const code = await this.#sendOne(socket, bytes)
        if (code === 'congestion') {
          if (abort.aborted || performance.now() > deadlineMs)
            return { outcome: 'retry', reason: 'timeout', message: 'the socket stayed full' }
          await this.#room()
          continue
        }
        if (code === 'EMSGSIZE') tooLarge += itemCount
        else if (code !== undefined) throw new Error(code)
        this.#sentOf.set(batch, ++next)
      }
    } catch (error) {
      this.close()
      return { outcome: 'retry', reason: 'connection', message: String(error) }
    }
    const message = 'more than a datagram can hold'
    return { outcome: 'delivered', rejected: tooLarge === 0 ? undefined : { itemCount: tooLarge, message } }
  }

  close(): void {
    const socket = this.#socket
    this.#socket = undefined
    this.#hasRoom?.()
    try {
      socket?.close()
    } catch {
      // It never was open.
    }
  }

  #connected(): UnixDatagramSocket {
    if (this.#socket !== undefined) return this.#socket
    const socket = detached(this.#createSocket)
    let failure: unknown
    // `connect` is synchronous, and its errors are events.
    socket.on('error', (error) => {
      failure = error
    })
    socket.on('writable', () => this.#hasRoom?.())
    socket.connect(this.#path)
    if (failure !== undefined) {
      socket.close()
      throw failure
    }
    this.#socket = socket
    return socket
  }

  #sendOne(socket: UnixDatagramSocket, bytes: Uint8Array): Promise<string | undefined> {
    return new Promise((resolve) => {
      socket.send(bytes, (error) => {
        if (error === undefined || error === null) resolve(undefined)
        else resolve(typeof error.code === 'string' ? error.code : 'congestion')
      })
    })
  }

  /** Until the socket says so, or a moment later: it says nothing when the receiver has gone. */
  #room(): Promise<void> {
    return new Promise((resolve) => {
      const timer = detached(() => setTimeout(resolve, 100))
      this.#hasRoom = () => {
        clearTimeout(timer)
        this.#hasRoom = undefined
        resolve()
      }
    })
  }
}
