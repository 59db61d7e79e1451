import type { Batch } from '@hashira/core'
import type { SpoolPlace } from './spool-segment'

/** A closed batch on its way. */
export interface QueuedBatch {
  /** `undefined` while only the spool has it. */
  batch: Batch | undefined
  readonly byteLength: number
  /** Counted by the pipeline, so that the account is exact whatever the encoder says. */
  readonly items: number
  /** Grows by one with each batch; what an earlier run left is older than everything. */
  readonly sequence: number
  attempts: number
  /** A request with it was sent whole and timed out: the backend may have it. */
  maybeDelivered: boolean
  /** Where the spool has it. */
  place: SpoolPlace | undefined
  /** Delivered, dropped or left to the next run. */
  settled: boolean
  /** It was read from the spool to be sent, and stays in memory until it was tried. */
  wanted: boolean
  /** Why the spool did not take it. */
  unspooled: string | undefined
}

export function queuedBatch(
  batch: Batch | undefined,
  byteLength: number,
  items: number,
  sequence: number,
): QueuedBatch {
  return {
    batch,
    byteLength,
    items,
    sequence,
    attempts: 0,
    maybeDelivered: false,
    place: undefined,
    settled: false,
    wanted: false,
    unspooled: undefined,
  }
}

/** Closed batches in the order in which they were closed, also those that come back from a failed request. */
export class WaitingBatches {
  readonly #batches: QueuedBatch[] = []

  get size(): number {
    return this.#batches.length
  }

  get oldest(): QueuedBatch | undefined {
    return this.#batches[0]
  }

  push(queued: QueuedBatch): void {
    this.#batches.push(queued)
  }

  shift(): QueuedBatch | undefined {
    return this.#batches.shift()
  }

  /** To its place: a failed request's batch, or what an earlier run left, which may be thousands. */
  putBack(queued: QueuedBatch): void {
    let low = 0
    let high = this.#batches.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#batches[middle]!.sequence < queued.sequence) low = middle + 1
      else high = middle
    }
    this.#batches.splice(low, 0, queued)
  }

  /** The oldest for which `is` holds. */
  find(is: (queued: QueuedBatch) => boolean): QueuedBatch | undefined {
    return this.#batches.find(is)
  }

  /** The oldest `count`. */
  first(count: number): QueuedBatch[] {
    return this.#batches.slice(0, count)
  }

  delete(queued: QueuedBatch): boolean {
    if (this.#batches[0] === queued) return this.#batches.shift() !== undefined
    const index = this.#batches.indexOf(queued)
    if (index >= 0) this.#batches.splice(index, 1)
    return index >= 0
  }

  [Symbol.iterator](): Iterator<QueuedBatch> {
    return this.#batches[Symbol.iterator]()
  }
}
