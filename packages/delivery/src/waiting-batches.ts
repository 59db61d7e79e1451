import type { Batch } from '@hashira/core'

/** A closed batch on its way. */
export interface QueuedBatch {
  readonly batch: Batch
  /** Counted by the pipeline, so that the account is exact whatever the encoder says. */
  readonly items: number
  /** Grows by one with each batch. */
  readonly sequence: number
  attempts: number
  /** A request with it was sent whole and timed out: the backend may have it. */
  maybeDelivered: boolean
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

  /** A failed request's batch goes back to its place: among the first, as only requests under way are older. */
  putBack(queued: QueuedBatch): void {
    let index = 0
    while (index < this.#batches.length && this.#batches[index]!.sequence < queued.sequence) index++
    this.#batches.splice(index, 0, queued)
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
