import { countFault, type Exemplar, type FlatAttributes, type HistogramPoint } from '@hashira/core'
import { type SpanContext, TraceFlags } from '@opentelemetry/api'
import { ExemplarSlot } from './exemplar-slot'

const SERIES_PER_BLOCK = 64

/** Where the series of one histogram keep their numbers: blocks of many series, as a typed array each costs more than its numbers. */
export class HistogramStore {
  readonly bounds: Float64Array
  readonly boundList: readonly number[]
  /** Whether series keep their least and greatest value. */
  readonly hasExtremes: boolean
  /** Numbers of one series: a count per bucket, +Inf included, then the sum. */
  readonly stride: number
  #block = new Float64Array(0)
  #next = 0

  constructor(bounds: readonly number[], hasExtremes = false) {
    this.bounds = Float64Array.from(bounds)
    this.boundList = bounds
    this.hasExtremes = hasExtremes
    this.stride = bounds.length + 2
  }

  allocate(): { block: Float64Array; offset: number } {
    if (this.#next + this.stride > this.#block.length) {
      this.#block = new Float64Array(this.stride * SERIES_PER_BLOCK)
      this.#next = 0
    }
    const offset = this.#next
    this.#next += this.stride
    return { block: this.#block, offset }
  }
}

/** One series of a histogram with explicit buckets. */
export class BucketHandle {
  readonly attributes: FlatAttributes
  readonly #bounds: Float64Array
  readonly #boundList: readonly number[]
  readonly #block: Float64Array
  readonly #offset: number
  readonly #hasExtremes: boolean
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY
  readonly #exemplars: (ExemplarSlot | undefined)[]

  constructor(store: HistogramStore, attributes: FlatAttributes) {
    const { block, offset } = store.allocate()
    this.attributes = attributes
    this.#bounds = store.bounds
    this.#boundList = store.boundList
    this.#block = block
    this.#offset = offset
    this.#hasExtremes = store.hasExtremes
    this.#exemplars = new Array(store.bounds.length + 1).fill(undefined)
  }

  /**
   * Never throws. A value that is not a finite number of 0 or more is dropped and counted.
   *
   * @param spanContext when it is sampled, the value becomes its bucket's exemplar (OpenTelemetry's `trace_based` filter)
   * @param filtered attributes of the measurement that the series does not have, for the exemplar
   */
  record(value: number, spanContext?: SpanContext, filtered?: FlatAttributes): void {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
      countFault('histogram_value')
      return
    }
    const bounds = this.#bounds
    let low = 0
    let high = bounds.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (value <= (bounds[middle] as number)) high = middle
      else low = middle + 1
    }
    const block = this.#block
    const offset = this.#offset
    block[offset + low] = (block[offset + low] as number) + 1
    const sum = offset + bounds.length + 1
    block[sum] = (block[sum] as number) + value
    if (this.#hasExtremes) {
      if (value < this.#min) this.#min = value
      if (value > this.#max) this.#max = value
    }
    if (spanContext !== undefined && (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0) {
      let slot = this.#exemplars[low]
      if (slot === undefined) {
        slot = new ExemplarSlot()
        this.#exemplars[low] = slot
      }
      slot.set(value, spanContext, filtered)
    }
  }

  /** `undefined` when nothing was recorded. */
  snapshot(startTimeUnixMs: number): HistogramPoint | undefined {
    const buckets = this.#bounds.length + 1
    const bucketCounts = this.#block.slice(this.#offset, this.#offset + buckets)
    let count = 0
    for (const inBucket of bucketCounts) count += inBucket
    if (count === 0) return undefined
    return {
      attributes: this.attributes,
      startTimeUnixMs,
      count,
      sum: this.#block[this.#offset + buckets] as number,
      bounds: this.#boundList,
      bucketCounts,
      ...(this.#hasExtremes ? { min: this.#min, max: this.#max } : undefined),
      exemplars: this.#copyExemplars(),
    }
  }

  #copyExemplars(): readonly (Exemplar | undefined)[] | undefined {
    if (this.#exemplars.every((exemplar) => exemplar === undefined)) return undefined
    return this.#exemplars.map((exemplar) => exemplar?.get())
  }

  clear(): void {
    this.#block.fill(0, this.#offset, this.#offset + this.#bounds.length + 2)
    this.#exemplars.fill(undefined)
    this.#min = Number.POSITIVE_INFINITY
    this.#max = Number.NEGATIVE_INFINITY
  }
}
