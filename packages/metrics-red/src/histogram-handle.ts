import { countFault, type Exemplar, type FlatAttributes, type HistogramPoint } from '@hashira/core'
import { type SpanContext, TraceFlags } from '@opentelemetry/api'

const SERIES_PER_BLOCK = 64

/** Where the series of one histogram keep their numbers: blocks of many series, as a typed array each costs more than its numbers. */
export class HistogramStore {
  readonly bounds: Float64Array
  readonly boundList: readonly number[]
  /** Numbers of one series: a count per bucket, +Inf included, then the sum. */
  readonly stride: number
  #block = new Float64Array(0)
  #next = 0

  constructor(bounds: readonly number[]) {
    this.bounds = Float64Array.from(bounds)
    this.boundList = bounds
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

interface MutableExemplar {
  value: number
  timeUnixMs: number
  traceId: string
  spanId: string
}

/** One series of a histogram. Made by `HistogramRecorder.handle`, kept by whoever records. */
export class HistogramHandle {
  readonly attributes: FlatAttributes
  readonly #bounds: Float64Array
  readonly #boundList: readonly number[]
  readonly #block: Float64Array
  readonly #offset: number
  readonly #exemplars: (MutableExemplar | undefined)[]

  /** @internal */
  constructor(store: HistogramStore, attributes: FlatAttributes) {
    const { block, offset } = store.allocate()
    this.attributes = attributes
    this.#bounds = store.bounds
    this.#boundList = store.boundList
    this.#block = block
    this.#offset = offset
    this.#exemplars = new Array(store.bounds.length + 1).fill(undefined)
  }

  /**
   * Never throws. A value that is not a finite number of 0 or more is dropped and counted.
   *
   * @param spanContext when it is sampled, the value becomes its bucket's exemplar (OpenTelemetry's `trace_based` filter)
   */
  record(value: number, spanContext?: SpanContext): void {
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
    if (spanContext !== undefined && (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0)
      this.#remember(low, value, spanContext)
  }

  // Written in place: no garbage per measurement, and of the span context only the two ids are kept.
  #remember(bucket: number, value: number, spanContext: SpanContext): void {
    const timeUnixMs = Date.now()
    const { traceId, spanId } = spanContext
    const exemplar = this.#exemplars[bucket]
    if (exemplar === undefined) {
      this.#exemplars[bucket] = { value, timeUnixMs, traceId, spanId }
      return
    }
    exemplar.value = value
    exemplar.timeUnixMs = timeUnixMs
    exemplar.traceId = traceId
    exemplar.spanId = spanId
  }

  /** @internal */
  snapshot(startTimeUnixMs: number): HistogramPoint {
    const buckets = this.#bounds.length + 1
    const bucketCounts = this.#block.slice(this.#offset, this.#offset + buckets)
    let count = 0
    for (const inBucket of bucketCounts) count += inBucket
    return {
      attributes: this.attributes,
      startTimeUnixMs,
      count,
      sum: this.#block[this.#offset + buckets] as number,
      bounds: this.#boundList,
      bucketCounts,
      exemplars: this.#copyExemplars(),
    }
  }

  #copyExemplars(): readonly (Exemplar | undefined)[] | undefined {
    if (this.#exemplars.every((exemplar) => exemplar === undefined)) return undefined
    return this.#exemplars.map((exemplar) => (exemplar === undefined ? undefined : { ...exemplar }))
  }

  /** @internal */
  clear(): void {
    this.#block.fill(0, this.#offset, this.#offset + this.#bounds.length + 2)
    this.#exemplars.fill(undefined)
  }
}
