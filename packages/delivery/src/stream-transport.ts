import type { Batch, SendResult, StreamRequest, Transport } from '@hashira/core'
import { errorText } from './error-text'
import { hostAndPort } from './host-and-port'
import { connectionFailure } from './http-failure'
import { type StreamAddress, StreamConnection } from './stream-connection'
import { beforeAbort, TimeLimit } from './time-limit'
import { afterNextPoll } from './turns'

export interface StreamTransportOptions {
  /** For a whole batch, connecting included. Default 5,000. */
  readonly timeoutMs?: number | undefined
  /** What is written for a batch, e.g. with a length in front. Default: its bytes as they are. */
  readonly frame?: ((bytes: Uint8Array) => Uint8Array) | undefined
}

/**
 * Writes batches to a TCP or unix stream socket, in order, over one connection that it makes again when it breaks. A batch is
 * delivered when the operating system has all of it: such protocols have no answer, so what is in the kernel's buffers when the
 * other end dies is lost unnoticed.
 */
export class StreamTransport implements Transport {
  readonly destination: string
  readonly timeoutMs: number
  readonly #address: StreamAddress
  readonly #frame: (bytes: Uint8Array) => Uint8Array
  #connection: StreamConnection | undefined
  #opening: Promise<StreamConnection> | undefined

  constructor(
    address: StreamAddress,
    { timeoutMs = 5_000, frame = (bytes) => bytes }: StreamTransportOptions = {},
  ) {
    this.#address = address
    this.#frame = frame
    this.timeoutMs = timeoutMs
    this.destination =
      'path' in address ? `unix://${address.path}` : `tcp://${hostAndPort(address.host, address.port)}`
  }

  async send(batch: Batch, abort: AbortSignal): Promise<SendResult> {
    let bytes: Uint8Array
    try {
      bytes = this.#frame(batch.bytes)
    } catch (error) {
      return { outcome: 'drop', reason: 'request_invalid', message: errorText(error) }
    }
    const limit = new TimeLimit(this.timeoutMs, abort)
    let connection: StreamConnection | undefined
    try {
      connection = await this.#connected(limit.signal)
      await beforeAbort(connection.write(bytes), limit.signal, 'not everything was taken')
      // A reset that answers what was just written is told by then.
      await afterNextPoll()
      connection.throwError()
      return { outcome: 'delivered' }
    } catch (error) {
      // Also when it is only late: half of a frame is in it.
      connection?.close()
      return connectionFailure(error, connection !== undefined)
    } finally {
      limit.end()
    }
  }

  toRequest(batch: Batch): StreamRequest {
    return { protocol: 'stream', ...this.#address, bytes: this.#frame(batch.bytes) }
  }

  close(): void {
    this.#connection?.close()
    this.#connection = undefined
  }

  async #connected(signal: AbortSignal): Promise<StreamConnection> {
    if (this.#connection?.usable) {
      // It may have been ended meanwhile, and the event loop was too busy to see it: what is written then is lost unnoticed.
      await afterNextPoll()
      if (this.#connection?.usable) return this.#connection
    }
    this.#opening ??= StreamConnection.open(this.#address, signal).finally(() => {
      this.#opening = undefined
    })
    this.#connection = await this.#opening
    return this.#connection
  }
}
