import { downscaleBuckets, type ExponentialBuckets } from '@hashira/core'

const FIRST_CAPACITY = 8

/** Buckets of positive values, or of the magnitudes of negative ones: a window of consecutive indices that grows to `maxSize`. */
export class ExponentialSide {
  readonly #maxSize: number
  #counts = new Float64Array(0)
  /** Index of the first bucket of the window, and how many it has. */
  #first = 0
  #size = 0

  constructor(maxSize: number) {
    this.#maxSize = maxSize
  }

  /** Counts one in bucket `index`, if the window has it already: nearly always. */
  tryIncrement(index: number): boolean {
    const at = index - this.#first
    if (!(at >= 0 && at < this.#size)) return false
    this.#counts[at] = (this.#counts[at] as number) + 1
    return true
  }

  /** How much smaller the scale must get for the window to reach `index`: 0 when it can. */
  excess(index: number): number {
    if (this.#size === 0) return 0
    let low = Math.min(index, this.#first)
    let high = Math.max(index, this.#first + this.#size - 1)
    let by = 0
    for (; high - low >= this.#maxSize; by++) {
      low = Math.floor(low / 2)
      high = Math.floor(high / 2)
    }
    return by
  }

  /** Widens the window to `index`, which it must be able to reach (see {@link excess}), and counts one there. */
  increment(index: number): void {
    if (!this.tryIncrement(index)) this.#widen(index)
  }

  downscale(by: number): void {
    const { offset, bucketCounts } = downscaleBuckets(this.snapshot(), by)
    this.#first = offset
    this.#size = bucketCounts.length
    this.#counts.fill(0)
    this.#counts.set(bucketCounts)
  }

  snapshot(): ExponentialBuckets {
    return { offset: this.#first, bucketCounts: Array.from(this.#counts.subarray(0, this.#size)) }
  }

  clear(): void {
    this.#counts.fill(0)
    this.#first = 0
    this.#size = 0
  }

  #widen(index: number): void {
    const first = this.#size === 0 ? index : Math.min(index, this.#first)
    const last = this.#size === 0 ? index : Math.max(index, this.#first + this.#size - 1)
    const size = last - first + 1
    const shift = this.#size === 0 ? 0 : this.#first - first
    const counts = size > this.#counts.length ? new Float64Array(this.#capacityFor(size)) : this.#counts
    const kept = this.#counts.slice(0, this.#size)
    counts.fill(0)
    counts.set(kept, shift)
    counts[index - first] = 1
    this.#counts = counts
    this.#first = first
    this.#size = size
  }

  #capacityFor(size: number): number {
    return Math.min(this.#maxSize, Math.max(FIRST_CAPACITY, 2 ** Math.ceil(Math.log2(size))))
  }
}
