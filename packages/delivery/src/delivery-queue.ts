import type { Batch, SendResult } from '@hashira/core'
import { Account, type DeliveryState, type ExporterAccount } from './account'
import { Attempt } from './attempt'
import { describeBytes } from './batch-limits'
import { BatchStore } from './batch-store'
import { Circuit } from './circuit'
import { closeTransport } from './close-transport'
import type { DeliveryQueueOptions } from './delivery-queue-options'
import { detached } from './detached'
import { DropWarnings } from './drop-warnings'
import { FlushWaiters } from './flush-waiters'
import { Outcomes } from './outcomes'
import { RequestsUnderWay } from './requests-under-way'
import { RetrySchedule } from './retry-schedule'
import { Spool } from './spool'
import { fingerprintOf } from './spool-names'
import type { QueuedBatch } from './waiting-batches'
import { within } from './within'

/** A request that takes so long may be the first of an outage. */
const SLOW_MS = 2_000
/** For writing to the spool what the deadline of a shutdown leaves. */
const KEEP_MS = 2_000

export type Settled = 'delivered' | 'spooled' | 'dropped'

/**
 * Closed batches on their way to one destination: bounded in bytes, several under way at once, tried again for as long as
 * they fit. Everything asynchronous that it starts runs outside of any request.
 */
export class DeliveryQueue {
  readonly account = new Account()
  readonly warnings: DropWarnings
  readonly #outcomes: Outcomes
  readonly #options: DeliveryQueueOptions
  readonly #circuit: Circuit
  readonly #store: BatchStore
  readonly #underWay = new RequestsUnderWay()
  readonly #waiters = new FlushWaiters()
  #sendScheduled = false
  #ending = false
  #refused = false

  constructor(options: DeliveryQueueOptions) {
    this.#options = options
    const { exporter, signal, transport, limits } = options
    const label = `${exporter} ${signal} to ${transport.destination}`
    this.warnings = new DropWarnings(label)
    this.#outcomes = new Outcomes(this.account, this.warnings)
    this.#store = this.#createStore()
    this.#circuit = new Circuit({
      label,
      keeps: describeBytes(limits.maxQueueBytes),
      schedule: new RetrySchedule(options.retry),
      waitingItems: () => this.#store.load.items + options.openItems(),
      droppedItems: () => this.account.droppedTotal,
      resume: () => this.#sendSome(),
      onStateChange: options.onStateChange,
    })
  }

  /** Items in requests under way. */
  get inFlightItems(): number {
    return this.#underWay.items
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
    this.#store.add(batch, items)
    this.#scheduleSend()
  }

  /** Whether closed batches and an open one of this size are over the bound. */
  isOver(openBytes: number, openItems: number): boolean {
    return this.#store.load.isOver(openBytes, openItems)
  }

  /** Takes the oldest waiting batches out of memory until the bound holds; false when none is left and it still does not. */
  makeRoom(openBytes: number, openItems: number): boolean {
    return this.#store.makeRoom(openBytes, openItems)
  }

  dropItems(items: number, reason: string, detail?: string): void {
    this.account.drop(items, reason)
    this.warnings.warn(reason, detail)
  }

  /**
   * Tries at once, even during a pause. Resolves to true when everything offered before is settled, and to false at the
   * deadline, or as soon as the next try would be after it. Keeps the process alive until then.
   */
  async flush(deadlineUnixMs: number): Promise<boolean> {
    const { looked } = this.#store
    if (looked !== undefined) await within(looked, deadlineUnixMs)
    const upTo = this.#store.sequence
    if (this.#oldestSequence() > upTo) return true
    this.#circuit.hurry()
    this.#scheduleSend()
    return this.#waiters.add(upTo, deadlineUnixMs)
  }

  /** After this nothing is pending: what the deadline leaves is spooled or dropped, and the transport is closed. Never rejects. */
  async shutdown(deadlineUnixMs: number): Promise<void> {
    await this.flush(deadlineUnixMs)
    this.#ending = true
    this.#underWay.abort()
    // One turn of the event loop, in which the transport tells what it had sent.
    if (this.#underWay.size > 0) await new Promise<void>((resolve) => detached(() => setImmediate(resolve)))
    const { spool } = this.#store
    if (spool !== undefined) await within(spool.keep(this.pendingBatches()), Date.now() + KEEP_MS)
    await within(this.#end('shutdown_timeout'), deadlineUnixMs)
    if (spool !== undefined) await within(spool.close(), Date.now() + KEEP_MS)
  }

  /** Ends all that is pending here, at once (what is not in the spool is dropped), and closes the transport. */
  abandon(reason: string): void {
    this.#end(reason)
    this.#store.spool?.closeSync()
  }

  /** Everything that is not settled, oldest first. */
  pendingBatches(): QueuedBatch[] {
    return [...this.#underWay.batches, ...this.#store.waiting].sort((a, b) => a.sequence - b.sequence)
  }

  /**
   * Ends a pending batch from outside: delivered by other means (`undefined`), or given up for `reason`, and then left to the
   * spool if that has it, else dropped.
   */
  settle(queued: QueuedBatch, reason: string | undefined): Settled {
    if (!this.#underWay.giveUp(queued) && !this.#store.delete(queued)) return 'dropped'
    const settled = this.#settle(queued, reason)
    this.#settleFlushes()
    return settled
  }

  /** The last chance of a batch while the process exits. */
  settleAtExit(queued: QueuedBatch, reason: string): Settled {
    this.#store.spool?.keepSync(queued)
    return this.settle(queued, reason)
  }

  read(): ExporterAccount {
    const { exporter, signal, transport, openItems } = this.#options
    const { load, spool } = this.#store
    return {
      exporter,
      signal,
      destination: transport.destination,
      ...this.account.read(),
      pending: openItems() + load.items,
      queueBytes: load.bytes,
      spoolBytes: spool?.bytes ?? 0,
      spoolTorn: spool?.torn ?? 0,
      state: this.state,
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
    while (!this.#ending && this.#underWay.size < limits.maxInFlight && this.#circuit.open) {
      const queued = this.#store.take()
      if (queued === undefined) return
      if (queued.attempts++ > 0) this.account.retries++
      const attempt = new Attempt(queued, this.#circuit.begin(), (done, result) =>
        this.#onResult(done, result),
      )
      this.#underWay.add(attempt)
      attempt.start(transport, limits.exportTimeoutMs)
      this.#store.fillIn(SLOW_MS)
    }
  }

  #onResult(attempt: Attempt, result: SendResult): void {
    const { queued } = attempt
    this.#underWay.end(attempt)
    if (result.outcome === 'retry') this.#tryAgain(attempt, result)
    else {
      this.#store.forget(queued)
      if (result.outcome === 'delivered') this.#outcomes.delivered(queued.items, result.rejected)
      else this.#outcomes.lost(queued.items, result.reason, result.message)
      this.#refused = result.outcome === 'drop'
      this.#circuit.answered()
    }
    this.#sendSome()
    this.#settleFlushes()
  }

  #tryAgain(attempt: Attempt, result: SendResult & { outcome: 'retry' }): void {
    const { queued } = attempt
    queued.maybeDelivered ||= result.reason === 'timeout_after_send'
    if (!this.#ending) {
      const why = this.account.fail(result.reason, result.message)
      this.#circuit.failed(attempt.probe, why, result.afterMs)
      this.#store.putBack(queued)
    } else if (this.#store.spool !== undefined) this.#store.putBack(queued)
    else {
      this.#store.forget(queued)
      this.account.failExport(queued.items, queued.maybeDelivered ? 'timeout_after_send' : 'shutdown_timeout')
    }
  }

  #settle(queued: QueuedBatch, reason: string | undefined): Settled {
    if (reason !== undefined && queued.place !== undefined) {
      this.#store.leaveBehind(queued)
      this.account.spooled += queued.items
      return 'spooled'
    }
    this.#store.forget(queued)
    if (reason === undefined) {
      this.account.deliver(queued.items)
      return 'delivered'
    }
    const why = queued.maybeDelivered ? 'timeout_after_send' : (queued.unspooled ?? reason)
    this.account.drop(queued.items, why)
    return 'dropped'
  }

  #end(reason: string): Promise<void> {
    this.#ending = true
    for (const queued of this.pendingBatches()) this.settle(queued, reason)
    return closeTransport(this.#options.transport)
  }

  #createStore(): BatchStore {
    const { exporter, signal, transport, limits, spool } = this.#options
    const mayStay = spool !== undefined && transport.spoolable !== false
    return new BatchStore({
      limits,
      spool: mayStay ? new Spool(spool, fingerprintOf(exporter, signal, transport.destination)) : undefined,
      spools: () => this.#spools(),
      underWay: () => this.#underWay.batches,
      onFound: (items) => {
        this.account.recovered += items
      },
      onLost: (items, reason, detail) => this.dropItems(items, reason, detail),
      onRefused: (reason, detail) => this.warnings.warnOfSpool(reason, detail),
      onReady: () => {
        this.#scheduleSend()
        this.#settleFlushes()
      },
    })
  }

  /** What may wait for long is on disk as well: a process that is killed loses little of it. */
  #spools(): boolean {
    if (this.#ending) return false
    if (this.#circuit.state === 'failing' || this.#store.load.isHigh) return true
    return this.#underWay.longestMs > SLOW_MS
  }

  #oldestSequence(): number {
    let oldest = this.#store.oldestWaiting
    for (const { sequence } of this.#underWay.batches) oldest = Math.min(oldest, sequence)
    return oldest
  }

  #settleFlushes(): void {
    if (this.#waiters.size === 0) return
    const nextTryMs = this.#underWay.size === 0 ? this.#circuit.pauseEndMs : 0
    this.#waiters.settle(this.#oldestSequence(), nextTryMs)
  }
}
