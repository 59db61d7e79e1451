import { detached } from './detached'
import { errorText } from './error-text'
import { type OnFound, type Spool, spoolReason } from './spool'
import type { QueuedBatch } from './waiting-batches'

/** After the disk refused something. */
const REST_MS = 5_000

export interface QueueSpoolOptions {
  readonly spool: Spool
  /** What should be on disk beside the memory: the oldest that is not there yet; `undefined` when nothing should. */
  readonly next: () => QueuedBatch | undefined
  /** The disk refuses: said, but not lost yet. */
  readonly onRefused: (reason: string, detail: string) => void
  /** Read back to be sent, or not readable any more (`lost` is the reason). */
  readonly onRead: (queued: QueuedBatch, lost: string | undefined, detail?: string) => void
}

/** The disk behind a queue: writes beside the memory, reads what only it has, and keeps what the process leaves. */
export class QueueSpool {
  readonly #options: QueueSpoolOptions
  readonly #spool: Spool
  readonly #reading = new Set<QueuedBatch>()
  #writing: Promise<void> | undefined
  #restUntilMs = 0
  /** Why the disk took nothing when it was tried last. */
  refusal: string | undefined

  constructor(options: QueueSpoolOptions) {
    this.#options = options
    this.#spool = options.spool
  }

  get bytes(): number {
    return this.#spool.bytes
  }

  get torn(): number {
    return this.#spool.torn
  }

  start(onFound: OnFound): Promise<void> {
    return detached(() => this.#spool.start(onFound))
  }

  /** Writes what should be there, in the background, one batch after the other. */
  fill(): void {
    if (this.#writing !== undefined || performance.now() < this.#restUntilMs) return
    if (this.#options.next() === undefined) return
    this.#writing = detached(() => this.#writeNext()).finally(() => {
      this.#writing = undefined
    })
  }

  /** Reads it back into memory. */
  read(queued: QueuedBatch): void {
    const { place } = queued
    if (place === undefined || this.#reading.has(queued)) return
    this.#reading.add(queued)
    detached(() => this.#spool.read(place))
      .then((bytes) => {
        if (queued.settled) return
        if (bytes === undefined) return this.#options.onRead(queued, 'spool_corrupt', 'not what was written')
        queued.batch = { bytes, itemCount: queued.items }
        queued.wanted = true
        this.#options.onRead(queued, undefined)
      })
      .catch((error: unknown) => {
        if (!queued.settled) this.#options.onRead(queued, 'spool_error', errorText(error))
      })
      .finally(() => this.#reading.delete(queued))
  }

  /** It need not be delivered any more. */
  done({ place }: QueuedBatch): void {
    if (place !== undefined) this.#spool.done(place)
  }

  /** Writes what is not there yet, whatever it takes. Never rejects. */
  async keep(batches: readonly QueuedBatch[]): Promise<void> {
    await this.#writing
    for (const queued of batches) await this.#write(queued)
  }

  /** The same at the exit of the process; whether the disk has it. */
  keepSync(queued: QueuedBatch): boolean {
    if (queued.place !== undefined) return true
    if (queued.batch === undefined) return false
    try {
      queued.place = this.#spool.writeSync(queued.batch.bytes, queued.items)
      return true
    } catch (error) {
      queued.unspooled = spoolReason(error)
      return false
    }
  }

  close(): Promise<void> {
    return this.#spool.close()
  }

  closeSync(): void {
    this.#spool.closeSync()
  }

  async #writeNext(): Promise<void> {
    for (let queued = this.#options.next(); queued !== undefined; queued = this.#options.next()) {
      if (await this.#write(queued)) continue
      this.#restUntilMs = performance.now() + REST_MS
      return
    }
  }

  async #write(queued: QueuedBatch): Promise<boolean> {
    const { batch } = queued
    if (batch === undefined || queued.place !== undefined || queued.settled) return true
    try {
      const place = await this.#spool.write(batch.bytes, queued.items)
      if (queued.settled) this.#spool.done(place)
      else queued.place = place
      queued.unspooled = undefined
      this.refusal = undefined
      return true
    } catch (error) {
      this.refusal = spoolReason(error)
      queued.unspooled = this.refusal
      this.#options.onRefused(this.refusal, errorText(error))
      return false
    }
  }
}
