import type { SendResult, Transport } from '@hashira/core'
import { detached, idleTimer } from './detached'
import { errorText } from './error-text'
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
    this.#guard = idleTimer((transport.timeoutMs ?? DEFAULT_TIMEOUT_MS) + GRACE_MS, () => {
      this.#finish({
        outcome: 'retry',
        reason: 'timeout_after_send',
        message: 'the transport did not answer',
      })
      this.#abort.abort()
    })
    detached(async () => transport.send(this.queued.batch, this.#abort.signal)).then(
      (result) => this.#finish(isSendResult(result) ? result : invalid('it returned no result')),
      (error) => this.#finish(invalid(errorText(error))),
    )
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

function isSendResult(result: unknown): result is SendResult {
  const outcome = (result as SendResult | undefined)?.outcome
  return outcome === 'delivered' || outcome === 'retry' || outcome === 'drop'
}

function invalid(message: string): SendResult {
  return { outcome: 'retry', reason: 'transport_error', message }
}
