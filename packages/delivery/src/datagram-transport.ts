import type { Batch, DatagramRequest, SendResult, Transport } from '@hashira/core'
import { type Datagram, datagramsOf } from './datagrams'
import { errorText } from './error-text'
import { hostAndPort } from './host-and-port'
import { connectionFailure } from './http-failure'
import { beforeAbort, TimeLimit, timeoutError } from './time-limit'
import { afterNextPoll } from './turns'
import { UdpConnection } from './udp-connection'

export interface DatagramTransportOptions {
  readonly host: string
  readonly port: number
  /**
   * Cuts a batch into datagrams: the exporter knows its framing. Where a datagram does not hold exactly one item it says how many,
   * so that the account stays exact when one of them is too large.
   */
  readonly split: (bytes: Uint8Array) => Iterable<Uint8Array | Datagram>
  /** For a whole batch. Default 5,000. */
  readonly timeoutMs?: number | undefined
}

/** So many without a turn for others: 64 take 0.3 ms, and a receiver's buffer (212,992 bytes on Linux) holds them. */
const PER_TURN = 64
const BYTES_PER_TURN = 128 * 1024

/**
 * UDP. A batch is delivered when the operating system took every datagram and the other end did not refuse it: a connected
 * socket is told of a closed port (ECONNREFUSED). What the network or the receiver's buffer loses, nobody is told.
 */
export class DatagramTransport implements Transport {
  readonly destination: string
  readonly timeoutMs: number
  readonly #options: DatagramTransportOptions
  #connection: UdpConnection | undefined
  #opening: Promise<UdpConnection> | undefined
  /** Where a batch goes on that an error of this machine (no buffers, no route) interrupted: what was before is out. */
  readonly #sentOf = new WeakMap<Batch, number>()

  constructor(options: DatagramTransportOptions) {
    const { host, port, timeoutMs = 5_000 } = options
    this.#options = options
    this.timeoutMs = timeoutMs
    this.destination = `udp://${hostAndPort(host, port)}`
  }

  async send(batch: Batch, abort: AbortSignal): Promise<SendResult> {
    let datagrams: Datagram[]
    try {
      datagrams = datagramsOf(this.#options.split(batch.bytes))
    } catch (error) {
      return { outcome: 'drop', reason: 'request_invalid', message: errorText(error) }
    }
    const limit = new TimeLimit(this.timeoutMs, abort)
    try {
      const connection = await beforeAbort(this.#connected(), limit.signal, 'no socket')
      const tooLarge = await connection.use(() => this.#sendAll(connection, batch, datagrams, limit.signal))
      return resultOf(batch, datagrams, tooLarge)
    } catch (error) {
      if ((error as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED') this.#sentOf.delete(batch)
      return connectionFailure(error)
    } finally {
      limit.end()
    }
  }

  toRequest(batch: Batch): DatagramRequest {
    const { host, port, split } = this.#options
    const left = datagramsOf(split(batch.bytes)).slice(this.#sentOf.get(batch) ?? 0)
    return { protocol: 'udp', host, port, datagrams: left.map(({ bytes }) => bytes) }
  }

  close(): void {
    this.#connection?.close()
    this.#connection = undefined
  }

  async #connected(): Promise<UdpConnection> {
    if (this.#connection?.usable) return this.#connection
    this.close()
    this.#opening ??= UdpConnection.open(this.#options.host, this.#options.port).finally(() => {
      this.#opening = undefined
    })
    this.#connection = await this.#opening
    return this.#connection
  }

  /** Returns those that are larger than a datagram can be. */
  async #sendAll(
    connection: UdpConnection,
    batch: Batch,
    datagrams: readonly Datagram[],
    signal: AbortSignal,
  ): Promise<Datagram[]> {
    const tooLarge: Datagram[] = []
    for (let next = this.#sentOf.get(batch) ?? 0; next < datagrams.length; ) {
      if (signal.aborted) throw timeoutError('not everything was sent in time')
      const turn = datagrams.slice(next, endOfTurn(datagrams, next))
      const errors = await Promise.all(turn.map(({ bytes }) => connection.send(bytes)))
      for (const error of errors) {
        if (error?.code === 'EMSGSIZE') tooLarge.push(datagrams[next]!)
        else if (error !== undefined) throw error
        this.#sentOf.set(batch, ++next)
      }
      // Also after the last one: a refusal is told by then.
      await afterNextPoll()
    }
    return tooLarge
  }
}

function endOfTurn(datagrams: readonly Datagram[], from: number): number {
  let bytes = 0
  let end = from
  while (end < datagrams.length && end - from < PER_TURN && bytes < BYTES_PER_TURN)
    bytes += datagrams[end++]!.bytes.byteLength
  return end
}

function resultOf(batch: Batch, datagrams: readonly Datagram[], tooLarge: readonly Datagram[]): SendResult {
  if (tooLarge.length === 0) return { outcome: 'delivered' }
  const bytes = Math.max(...tooLarge.map((one) => one.bytes.byteLength))
  const message = `${bytes} bytes are more than a datagram can hold`
  if (tooLarge.length === datagrams.length) return { outcome: 'drop', reason: 'too_large', message }
  const itemCount = tooLarge.reduce((sum, one) => sum + one.itemCount, 0)
  return { outcome: 'delivered', rejected: { itemCount: Math.min(itemCount, batch.itemCount), message } }
}
