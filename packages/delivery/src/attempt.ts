import type { Batch, SendResult, Transport } from '@hashira/core'
import { AbortSource } from './abort-source'
import { addDeadline, type Deadline, removeDeadline } from './deadlines'
import { clampDelay, detached } from './detached'
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
export class Attempt implements Deadline {
  readonly queued: QueuedBatch
  /** It tries whether a failing destination is back. */
  readonly probe: boolean
  readonly startMs = performance.now()
  /** When it is given up, whatever the transport does. */
  atMs = Number.POSITIVE_INFINITY
  readonly #abort = new AbortSource()
  readonly #settle: (attempt: Attempt, result: SendResult) => void
  #limit: Deadline | undefined
  #settled = false

  constructor(queued: QueuedBatch, probe: boolean, settle: (attempt: Attempt, result: SendResult) => void) {
    this.queued = queued
    this.probe = probe
    this.#settle = settle
  }

  /** @param limitMs where the transport's own limit is longer */
  start(transport: Transport, limitMs = Number.POSITIVE_INFINITY): void {
    const ownMs = timeLimitMs(transport)
    if (limitMs < ownMs) this.#addLimit(limitMs)
    this.atMs = this.startMs + clampDelay(Math.min(ownMs, limitMs) + GRACE_MS)
    addDeadline(this)
    this.#send(transport).then(
      (result) => this.#finish(resultOf(result)),
      (error: unknown) => this.#finish(invalidResult(errorText(error))),
    )
  }

  /** The transport did not even say that it is late. */
  pass(): void {
    this.#finish({ outcome: 'retry', reason: 'timeout_after_send', message: 'the transport did not answer' })
    this.#abort.abort()
  }

  /** Asks the transport to stop; it may still say what became of the batch. */
  abort(): void {
    this.#abort.abort()
  }

  /** Stops, and ignores whatever the transport says from now on. */
  giveUp(): void {
    this.#settled = true
    this.#removeDeadlines()
    this.#abort.abort()
  }

  #addLimit(limitMs: number): void {
    this.#limit = { atMs: this.startMs + clampDelay(limitMs), pass: () => this.#abort.abort() }
    addDeadline(this.#limit)
  }

  /** Never throws. */
  #send(transport: Transport): Promise<unknown> {
    try {
      const batch = this.queued.batch as Batch
      return Promise.resolve(detached(() => transport.send(batch, this.#abort.signal)))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #removeDeadlines(): void {
    removeDeadline(this)
    if (this.#limit !== undefined) removeDeadline(this.#limit)
  }

  #finish(result: SendResult): void {
    if (this.#settled) return
    this.#settled = true
    this.#removeDeadlines()
    this.#settle(this, result)
  }
}

/** Reading what it says may throw. */
function resultOf(value: unknown): SendResult {
  try {
    return checkedResult(value)
  } catch (error) {
    return invalidResult(errorText(error))
  }
}

function timeLimitMs({ timeoutMs }: Transport): number {
  return typeof timeoutMs === 'number' && timeoutMs >= 0 ? timeoutMs : DEFAULT_TIMEOUT_MS
}
