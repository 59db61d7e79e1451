import type { Batch, SendResult, Transport } from '@hashira/core'
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
  readonly startMs = performance.now()
  readonly #abort = new AbortController()
  readonly #settle: (attempt: Attempt, result: SendResult) => void
  #guard: NodeJS.Timeout | undefined
  #limit: NodeJS.Timeout | undefined
  #settled = false

  constructor(queued: QueuedBatch, probe: boolean, settle: (attempt: Attempt, result: SendResult) => void) {
    this.queued = queued
    this.probe = probe
    this.#settle = settle
  }

  /** @param limitMs where the transport's own limit is longer */
  start(transport: Transport, limitMs = Number.POSITIVE_INFINITY): void {
    const ownMs = timeLimitMs(transport)
    if (limitMs < ownMs) this.#limit = idleTimer(limitMs, () => this.#abort.abort())
    this.#guard = idleTimer(Math.min(ownMs, limitMs) + GRACE_MS, () => {
      this.#finish({
        outcome: 'retry',
        reason: 'timeout_after_send',
        message: 'the transport did not answer',
      })
      this.#abort.abort()
    })
    detached(async () => transport.send(this.queued.batch as Batch, this.#abort.signal))
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
    this.#clearTimers()
    this.#abort.abort()
  }

  #clearTimers(): void {
    clearTimeout(this.#guard)
    clearTimeout(this.#limit)
  }

  #finish(result: SendResult): void {
    if (this.#settled) return
    this.#settled = true
    this.#clearTimers()
    this.#settle(this, result)
  }
}

function timeLimitMs({ timeoutMs }: Transport): number {
  return typeof timeoutMs === 'number' && timeoutMs >= 0 ? timeoutMs : DEFAULT_TIMEOUT_MS
}
