import type { Batch, SendResult, Transport } from '@hashira/core'
import { type Datagram, detached } from '@hashira/delivery'
import { loadUnixDgram, type UnixDatagramSocket } from './unix-dgram'

const TIMEOUT_MS = 5_000
const ROOM_MS = 100

/**
 * DogStatsD over a unix datagram socket. Unlike UDP nothing is lost on the way: a full socket says so, and the batch waits until it
 * has room.
 *
 * Each batch has a socket of its own, for one of `unix-dgram` keeps the process alive as long as it is open.
 */
export class UnixDatagramTransport implements Transport {
  readonly destination: string
  readonly timeoutMs = TIMEOUT_MS
  readonly #path: string
  readonly #split: (bytes: Uint8Array) => Iterable<Datagram>
  readonly #createSocket: () => UnixDatagramSocket
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
    let socket: UnixDatagramSocket | undefined
    try {
      socket = detached(this.#createSocket)
      const failure = connect(socket, this.#path)
      if (failure !== undefined) throw failure
      return await this.#sendAll(socket, batch, abort)
    } catch (error) {
      return { outcome: 'retry', reason: 'connection', message: String(error) }
    } finally {
      socket?.close()
    }
  }

  async #sendAll(socket: UnixDatagramSocket, batch: Batch, abort: AbortSignal): Promise<SendResult> {
    const deadlineMs = performance.now() + TIMEOUT_MS
    const datagrams = [...this.#split(batch.bytes)]
    let tooLarge = 0
    for (let next = this.#sentOf.get(batch) ?? 0; next < datagrams.length; ) {
      const { bytes, itemCount } = datagrams[next]!
      const code = await sendOne(socket, bytes)
      if (code === 'congestion') {
        if (abort.aborted || performance.now() > deadlineMs)
          return { outcome: 'retry', reason: 'timeout', message: 'the socket stayed full' }
        await room(socket)
        continue
      }
      if (code === 'EMSGSIZE') tooLarge += itemCount
      else if (code !== undefined) throw new Error(code)
      this.#sentOf.set(batch, ++next)
    }
    const message = 'more than a datagram can hold'
    return { outcome: 'delivered', rejected: tooLarge === 0 ? undefined : { itemCount: tooLarge, message } }
  }
}

/** It is synchronous, and its errors are events. */
function connect(socket: UnixDatagramSocket, path: string): unknown {
  let failure: unknown
  socket.on('error', (error) => {
    failure = error
  })
  socket.connect(path)
  return failure
}

/** The code of the error, `congestion` when the socket is full. */
function sendOne(socket: UnixDatagramSocket, bytes: Uint8Array): Promise<string | undefined> {
  return new Promise((resolve) => {
    socket.send(bytes, (error) => {
      if (error === undefined || error === null) resolve(undefined)
      else resolve(typeof error.code === 'string' ? error.code : 'congestion')
    })
  })
}

/** Until the socket says so, or a moment later: it says nothing when the receiver has gone. */
function room(socket: UnixDatagramSocket): Promise<void> {
  return new Promise((resolve) => {
    const timer = detached(() => setTimeout(resolve, ROOM_MS))
    socket.once('writable', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
