import type { Batch, SendResult } from '@hashira/core'
import { type Datagram, DatagramTransport, idleTimer } from '@hashira/delivery'
import { linesOf, metricsIn } from '../emf/line-framing'

/** After so many bytes there is a pause: a receiver's buffer has 208 KiB by default on Linux, and loses what does not fit silently. */
export const BYTES_PER_PAUSE = 64 * 1024
const PAUSE_MS = 10

/** One document a datagram, as the CloudWatch agent takes them, with a pause after each batch. */
export class PacedDatagrams extends DatagramTransport {
  constructor(host: string, port: number, timeoutMs: number) {
    super({ host, port, split: datagramsOf, timeoutMs })
  }

  override async send(batch: Batch, abort: AbortSignal): Promise<SendResult> {
    const result = await super.send(batch, abort)
    if (!abort.aborted) await new Promise<void>((resolve) => idleTimer(PAUSE_MS, resolve))
    return result
  }
}

function* datagramsOf(bytes: Uint8Array): Generator<Datagram, void, undefined> {
  for (const line of linesOf(bytes)) {
    yield {
      bytes: line,
      // Asked for only when the datagram is too large.
      get itemCount() {
        return metricsIn(Buffer.from(line).toString())
      },
    }
  }
}
