import type { Batch, BatchLimits, SendResult, Signal, Transport } from '@hashira/core'
import { countFault, ignoreRejection } from '@hashira/core'
import { Account, type DeliveryState, type ExporterAccount } from './account'
import { Attempt } from './attempt'
import { describeBytes } from './batch-limits'
import { Circuit } from './circuit'
import { detached } from './detached'
import { BACKEND_WARNING, DropWarnings } from './drop-warnings'
import { FlushWaiters } from './flush-waiters'
import { type RetryOptions, RetrySchedule } from './retry-schedule'
import { type QueuedBatch, WaitingBatches } from './waiting-batches'

export interface DeliveryQueueOptions {
  readonly exporter: string
  readonly signal: Signal
  readonly transport: Transport
  /** Complete: {@link batchLimits} fills in the defaults. */
  readonly limits: BatchLimits
  readonly retry?: Partial<RetryOptions> | undefined
  readonly onStateChange?: ((state: DeliveryState, detail: string) => void) | undefined
  /** Items that are ended but not in a closed batch yet. */
  readonly openItems: () => number
}

/**
 * Closed batches on their way to one destination: bounded in bytes, several under way at once, tried again for as long as
 * they fit. Everything asynchronous that it starts runs outside of any request.
 */
export class DeliveryQueue {
  readonly account = new Account()
  readonly warnings: DropWarnings
  /** Of closed batches, waiting and under way. */
  bytes = 0
  items = 0
  inFlightItems = 0
  readonly #options: DeliveryQueueOptions
  readonly #circuit: Circuit
  readonly #waiting = new WaitingBatches()
  readonly #inFlight = new Set<Attempt>()
  readonly #waiters = new FlushWaiters()
  #sequence = 0
  #sendScheduled = false
  #ending = false
  #refused = false

  constructor(options: DeliveryQueueOptions) {
    this.#options = options
    const { exporter, signal, transport, limits } = options
    const label = `${exporter} ${signal} to ${transport.destination}`
    this.warnings = new DropWarnings(label)
    this.#circuit = new Circuit({
      label,
      keeps: describeBytes(limits.maxQueueBytes),
      schedule: new RetrySchedule(options.retry),
      waitingItems: () => this.items + options.openItems(),
      droppedItems: () => this.account.droppedTotal,
      resume: () => this.#sendSome(),
      onStateChange: options.onStateChange,
    })
  }

  /** Nothing more is sent from here. */
  get closed(): boolean {
    return this.#ending
  }

  get state(): DeliveryState {
    return this.#refused ? 'failing' : this.#circuit.state
  }

  /** Takes a closed batch of `items`; sends it off the current tick. */
  offer(batch: Batch, items: number): void {
    const queued = { batch, items, sequence: ++this.#sequence, attempts: 0, maybeDelivered: false }
    this.bytes += batch.bytes.byteLength
    this.items += items
    this.#waiting.push(queued)
    this.makeRoom(0, 0)
    this.#scheduleSend()
  }

  /** Whether closed batches and an open one of this size are over the bound. */
  isOver(openBytes: number, openItems: number): boolean {
    const { maxQueueBytes, maxQueueItems } = this.#options.limits
    return this.bytes + openBytes > maxQueueBytes || this.items + openItems > maxQueueItems
  }

  /** Drops the oldest waiting batches until the bound holds; false when none is left and it still does not. */
  makeRoom(openBytes: number, openItems: number): boolean {
    const { maxQueueBytes, maxQueueItems } = this.#options.limits
    while (this.isOver(openBytes, openItems)) {
      const oldest = this.#waiting.shift()
      if (oldest === undefined) return false
      const tooMany = this.items + openItems > maxQueueItems
      this.#forget(oldest)
      const bound = tooMany ? `${maxQueueItems} items` : describeBytes(maxQueueBytes)
      this.dropItems(oldest.items, 'queue_full', `more than ${bound} wait`)
    }
    return true
  }

  dropItems(items: number, reason: string, detail?: string): void {
    this.account.drop(items, reason)
    this.warnings.warn(reason, detail)
  }

  /**
   * Tries at once, even during a pause. Resolves to true when everything offered before is settled, and to false at the
   * deadline, or as soon as the next try would be after it. Keeps the process alive until then.
   */
  flush(deadlineUnixMs: number): Promise<boolean> {
    const upTo = this.#sequence
    if (this.#oldestSequence() > upTo) return Promise.resolve(true)
    this.#circuit.hurry()
    this.#scheduleSend()
    return this.#waiters.add(upTo, deadlineUnixMs)
  }

  /** After this nothing is pending: what the deadline leaves is dropped, and the transport is closed. Never rejects. */
  async shutdown(deadlineUnixMs: number): Promise<void> {
    await this.flush(deadlineUnixMs)
    this.#ending = true
    for (const attempt of this.#inFlight) attempt.abort()
    // One turn of the event loop, in which the transport tells what it had sent.
    if (this.#inFlight.size > 0) await new Promise<void>((resolve) => detached(() => setImmediate(resolve)))
    this.abandon('shutdown_timeout')
  }

  /** Drops all that is pending here, at once, and closes the transport. */
  abandon(reason: string): void {
    this.#ending = true
    for (const queued of this.pendingBatches()) this.settle(queued, reason)
    try {
      ignoreRejection(this.#options.transport.close?.(), 'transport_close')
    } catch {
      countFault('transport_close')
    }
  }

  /** Everything that is not settled, oldest first. */
  pendingBatches(): QueuedBatch[] {
    const underWay = [...this.#inFlight].map((attempt) => attempt.queued)
    return [...underWay, ...this.#waiting].sort((a, b) => a.sequence - b.sequence)
  }

  /** Ends a pending batch from outside: delivered by other means (`undefined`), or dropped for `reason`. */
  settle(queued: QueuedBatch, reason: string | undefined): void {
    const attempt = [...this.#inFlight].find((candidate) => candidate.queued === queued)
    if (attempt !== undefined) {
      this.#endAttempt(attempt)
      attempt.giveUp()
    } else if (!this.#waiting.delete(queued)) return
    this.#forget(queued)
    if (reason === undefined) this.account.deliver(queued.items)
    else this.account.drop(queued.items, queued.maybeDelivered ? 'timeout_after_send' : reason)
    this.#settleFlushes()
  }

  read(): ExporterAccount {
    const { exporter, signal, transport, openItems } = this.#options
    const { ended, delivered, dropped, retries, lastSuccessUnixMs, lastError } = this.account
    return {
      exporter,
      signal,
      destination: transport.destination,
      ended,
      delivered,
      dropped: Object.fromEntries(dropped),
      pending: openItems() + this.items,
      queueBytes: this.bytes,
      retries,
      state: this.state,
      lastSuccessUnixMs,
      lastError,
    }
  }

  // Requests start on a turn of their own: whoever ended the span that filled the batch waits for none of it.
  #scheduleSend(): void {
    if (this.#sendScheduled || this.#ending) return
    this.#sendScheduled = true
    detached(() =>
      setImmediate(() => {
        this.#sendScheduled = false
        this.#sendSome()
      }),
    )
  }

  #sendSome(): void {
    const { transport, limits } = this.#options
    while (!this.#ending && this.#inFlight.size < limits.maxInFlight && this.#circuit.open) {
      const queued = this.#waiting.shift()
      if (queued === undefined) return
      if (queued.attempts++ > 0) this.account.retries++
      const attempt = new Attempt(queued, this.#circuit.begin(), (done, result) =>
        this.#onResult(done, result),
      )
      this.#inFlight.add(attempt)
      this.inFlightItems += queued.items
      attempt.start(transport, limits.exportTimeoutMs)
    }
  }

  #onResult(attempt: Attempt, result: SendResult): void {
    const { queued } = attempt
    this.#endAttempt(attempt)
    if (result.outcome === 'retry') this.#tryAgain(attempt, result)
    else {
      this.#forget(queued)
      if (result.outcome === 'delivered') this.#delivered(queued, result.rejected)
      else this.#lost(queued.items, result.reason, result.message)
      this.#refused = result.outcome === 'drop'
      this.#circuit.answered()
    }
    this.#sendSome()
    this.#settleFlushes()
  }

  #delivered(queued: QueuedBatch, rejected: { itemCount: number; message: string } | undefined): void {
    const refused = Math.min(Math.max(Math.trunc(rejected?.itemCount ?? 0) || 0, 0), queued.items)
    this.account.deliver(queued.items - refused)
    if (refused > 0) this.#lost(refused, 'rejected', rejected?.message)
    else if (rejected !== undefined) this.warnings.warn(BACKEND_WARNING, rejected.message)
  }

  #lost(items: number, reason: string, message: string | undefined): void {
    this.account.failExport(items, reason)
    this.account.lastError = message === undefined ? reason : `${reason}: ${message}`
    this.warnings.warn(reason, message)
  }

  #tryAgain(attempt: Attempt, result: SendResult & { outcome: 'retry' }): void {
    const { queued } = attempt
    const why = result.message === undefined ? result.reason : `${result.reason}: ${result.message}`
    this.account.lastError = why
    queued.maybeDelivered ||= result.reason === 'timeout_after_send'
    if (this.#ending) {
      this.#forget(queued)
      this.account.failExport(queued.items, queued.maybeDelivered ? 'timeout_after_send' : 'shutdown_timeout')
      return
    }
    this.#waiting.putBack(queued)
    this.#circuit.failed(attempt.probe, why, result.afterMs)
    this.makeRoom(0, 0)
  }

  #endAttempt(attempt: Attempt): void {
    this.#inFlight.delete(attempt)
    this.inFlightItems -= attempt.queued.items
  }

  #forget(queued: QueuedBatch): void {
    this.bytes -= queued.batch.bytes.byteLength
    this.items -= queued.items
  }

  #oldestSequence(): number {
    let oldest = this.#waiting.oldest?.sequence ?? Number.POSITIVE_INFINITY
    for (const { queued } of this.#inFlight) oldest = Math.min(oldest, queued.sequence)
    return oldest
  }

  #settleFlushes(): void {
    if (this.#waiters.size === 0) return
    const nextTryMs = this.#inFlight.size === 0 ? this.#circuit.pauseEndMs : 0
    this.#waiters.settle(this.#oldestSequence(), nextTryMs)
  }
}
