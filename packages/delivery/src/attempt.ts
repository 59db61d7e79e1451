import type { SendResult, Transport } from '@hashira/core'
import { detached, idleTimer } from './detached'
import { errorText } from './error-text'
import { checkedResult, invalidResult } from './send-result'
import type { QueuedBatch } from './waiting-batches'

/** Past the transport's own time limit, it has this long to say so itself. */
const GRACE_MS = 1_000
const DEFAULT_TIMEOUT_MS = 30_000

/**
 * One batch handed to the transport once. Settles exactly once, whatever the transport does: throw, reject, return
 * nonsense, settle twice, or never.
 */
export class Attempt {
  readonly queued: QueuedBatch
  /** It tries whether a failing destination is back. */
  readonly probe: boolean
  readonly #abort = new AbortController()
  readonly #settle: (attempt: Attempt, result: SendResult) => void
  #guard: NodeJS.Timeout | undefined
  #settled = false

  constructor(queued: QueuedBatch, probe: boolean, settle: (attempt: Attempt, result: SendResult) => void) {
    this.queued = queued
    this.probe = probe
    this.#settle = settle
  }

  start(transport: Transport): void {
    this.#guard = idleTimer(timeLimitMs(transport) + GRACE_MS, () => {
      this.#finish({
        outcome: 'retry',
        reason: 'timeout_after_send',
        message: 'the transport did not answer',
      })
      this.#abort.abort()
    })
    detached(async () => transport.send(this.queued.batch, this.#abort.signal))
      .then(checkedResult)
      .catch((error: unknown) => invalidResult(errorText(error)))
      .then((result) => this.#finish(result))
  }

  /** Asks the transport to stop; it may still say what became of the batch. */
  abort(): void {
    this.#abort.abort()
  }

  /** Stops, and ignores whatever the transport says from now on. */
  giveUp(): void {
    this.#settled = true
    clearTimeout(this.#guard)
    this.#abort.abort()
  }

  #finish(result: SendResult): void {
    if (this.#settled) return
    this.#settled = true
    clearTimeout(this.#guard)
    this.#settle(this, result)
  }
}

function timeLimitMs({ timeoutMs }: Transport): number {
  return typeof timeoutMs === 'number' && timeoutMs >= 0 ? timeoutMs : DEFAULT_TIMEOUT_MS
}
