import type { Batch, BatchLimits } from '@hashira/core'
import { idleTimer } from './detached'
import { QueueLoad } from './queue-load'
import { QueueSpool } from './queue-spool'
import type { Spool } from './spool'
import type { SpoolPlace } from './spool-segment'
import { type QueuedBatch, queuedBatch, WaitingBatches } from './waiting-batches'

export interface BatchStoreOptions {
  readonly limits: BatchLimits
  readonly spool: Spool | undefined
  /** Whether what is pending should be on disk beside the memory. */
  readonly spools: () => boolean
  readonly underWay: () => Iterable<QueuedBatch>
  /** Dropped here. */
  readonly onLost: (items: number, reason: string, detail: string | undefined) => void
  /** Items that an earlier run left. */
  readonly onFound: (items: number) => void
  /** There is something to send, or one thing less to wait for. */
  readonly onReady: () => void
  /** The disk refuses; nothing is lost yet. */
  readonly onRefused: (reason: string, detail: string) => void
}

/** The batches of a queue: those that wait, in their order, in memory or only on disk, and how much all pending ones take. */
export class BatchStore {
  readonly load: QueueLoad
  /** The first look for what earlier runs left. */
  readonly looked: Promise<void> | undefined
  readonly spool: QueueSpool | undefined
  readonly #options: BatchStoreOptions
  readonly #waiting = new WaitingBatches()
  #sequence = 0
  #foundSequence = Number.MIN_SAFE_INTEGER

  constructor(options: BatchStoreOptions) {
    this.#options = options
    this.load = new QueueLoad(options.limits)
    if (options.spool === undefined) return
    this.spool = new QueueSpool({
      spool: options.spool,
      next: () => this.#nextToSpool(),
      onRefused: options.onRefused,
      onRead: (queued, lost, detail) => this.#onRead(queued, lost, detail),
    })
    this.looked = this.spool.start((place, items) => this.#found(place, items))
  }

  /** Of the latest batch. */
  get sequence(): number {
    return this.#sequence
  }

  get oldestWaiting(): number {
    return this.#waiting.oldest?.sequence ?? Number.POSITIVE_INFINITY
  }

  get waiting(): Iterable<QueuedBatch> {
    return this.#waiting
  }

  add(batch: Batch, items: number): void {
    const queued = queuedBatch(batch, batch.bytes.byteLength, items, ++this.#sequence)
    this.load.add(queued)
    this.#waiting.push(queued)
    this.makeRoom(0, 0)
    this.spool?.fill()
  }

  /** Looks then what should be on disk: a request that began now may be the first of an outage. */
  fillIn(delayMs: number): void {
    const { spool } = this
    if (spool !== undefined) idleTimer(delayMs + 1, () => spool.fill())
  }

  /** A batch whose request failed. */
  putBack(queued: QueuedBatch): void {
    queued.wanted = false
    this.#waiting.putBack(queued)
    this.makeRoom(0, 0)
    this.spool?.fill()
  }

  /** The next to send. `undefined` when none waits, or while it is read from disk: `onReady` follows. */
  take(): QueuedBatch | undefined {
    if (this.#waiting.oldest?.batch !== undefined) return this.#waiting.shift()
    for (const queued of this.#waiting.first(this.#options.limits.maxInFlight))
      if (queued.batch === undefined) this.spool?.read(queued)
    return undefined
  }

  /** Takes it out of those that wait; whether it was there. */
  delete(queued: QueuedBatch): boolean {
    return this.#waiting.delete(queued)
  }

  /** Leaves the oldest waiting batches to the disk, or drops them, until the bound holds; false when none is left and it still does not. */
  makeRoom(openBytes: number, openItems: number): boolean {
    while (this.load.isOver(openBytes, openItems)) {
      const spooled = this.#waiting.find(isSpooledToo)
      if (spooled !== undefined) {
        this.load.leaveToSpool(spooled)
        continue
      }
      const oldest = this.#waiting.find(({ batch }) => batch !== undefined)
      if (oldest === undefined) return false
      const detail = `more than ${this.load.exceeded(openItems)} wait`
      this.#lose(oldest, this.spool?.refusal ?? 'queue_full', detail)
    }
    return true
  }

  /** It is delivered or dropped. */
  forget(queued: QueuedBatch): void {
    this.load.remove(queued)
    queued.settled = true
    this.spool?.done(queued)
  }

  /** The next run delivers it: the disk has it. */
  leaveBehind(queued: QueuedBatch): void {
    this.load.remove(queued)
    queued.settled = true
  }

  #lose(queued: QueuedBatch, reason: string, detail: string | undefined): void {
    this.#waiting.delete(queued)
    this.forget(queued)
    this.#options.onLost(queued.items, reason, detail)
  }

  #nextToSpool(): QueuedBatch | undefined {
    if (!this.#options.spools()) return undefined
    for (const queued of this.#options.underWay()) if (isOnlyInMemory(queued)) return queued
    return this.#waiting.find(isOnlyInMemory)
  }

  #found(place: SpoolPlace, items: number): void {
    const queued = queuedBatch(undefined, place.head.length, items, ++this.#foundSequence)
    queued.place = place
    this.load.add(queued)
    this.#waiting.putBack(queued)
    this.#options.onFound(items)
    this.#options.onReady()
  }

  #onRead(queued: QueuedBatch, lost: string | undefined, detail: string | undefined): void {
    if (lost === undefined) {
      this.load.hold(queued)
      this.makeRoom(0, 0)
    } else this.#lose(queued, lost, detail)
    this.#options.onReady()
  }
}

function isSpooledToo({ batch, place, wanted }: QueuedBatch): boolean {
  return batch !== undefined && place !== undefined && !wanted
}

function isOnlyInMemory({ batch, place }: QueuedBatch): boolean {
  return batch !== undefined && place === undefined
}
