import { countFault, type Exemplar, type ExponentialHistogramPoint, type FlatAttributes } from '@hashira/core'
import { type SpanContext, TraceFlags } from '@opentelemetry/api'
import { ExemplarSlot } from './exemplar-slot'
import { exponentialIndex } from './exponential-index'
import { ExponentialSide } from './exponential-side'

/** Base-2 exponential histogram aggregation (OpenTelemetry metrics SDK). */
export interface ExponentialLayout {
  /** Buckets on either side of zero, at least 2. Default 160. */
  readonly maxSize: number
  /** The finest scale, from -10 to 20. Default 20. */
  readonly maxScale: number
}

export const DEFAULT_EXPONENTIAL_LAYOUT: ExponentialLayout = { maxSize: 160, maxScale: 20 }

const MAX_EXEMPLARS = 20

/** One series of an exponential histogram: as fine as its range allows with `maxSize` buckets. */
export class ExponentialHandle {
  readonly attributes: FlatAttributes
  readonly #maxScale: number
  readonly #positive: ExponentialSide
  readonly #exemplars: ExemplarSlot[] = []
  #scale: number
  #count = 0
  #sum = 0
  #zeroCount = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY

  constructor({ maxSize, maxScale }: ExponentialLayout, attributes: FlatAttributes) {
    this.attributes = attributes
    this.#maxScale = maxScale
    this.#scale = maxScale
    this.#positive = new ExponentialSide(maxSize)
  }

  /**
   * Never throws. A value that is not a finite number of 0 or more is dropped and counted.
   *
   * @param spanContext when it is sampled, the value may become an exemplar: of at most 20, a random one is replaced
   * @param filtered attributes of the measurement that the series does not have, for the exemplar
   */
  record(value: number, spanContext?: SpanContext, filtered?: FlatAttributes): void {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
      countFault('histogram_value')
      return
    }
    this.#count++
    this.#sum += value
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
    if (value === 0) this.#zeroCount++
    else this.#countIn(value)
    if (spanContext !== undefined && (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0)
      this.#remember(value, spanContext, filtered)
  }

  #countIn(value: number): void {
    let index = exponentialIndex(value, this.#scale)
    if (this.#positive.tryIncrement(index)) return
    const by = this.#positive.excess(index)
    if (by > 0) {
      this.#positive.downscale(by)
      this.#scale -= by
      index = exponentialIndex(value, this.#scale)
    }
    this.#positive.increment(index)
  }

  // At random, so that those of a burst don't drive out all others.
  #remember(value: number, spanContext: SpanContext, filtered: FlatAttributes | undefined): void {
    const at = this.#exemplars.length < MAX_EXEMPLARS ? this.#exemplars.length : Math.random() * MAX_EXEMPLARS
    const slot = this.#exemplars[Math.floor(at)] ?? new ExemplarSlot()
    this.#exemplars[Math.floor(at)] = slot
    slot.set(value, spanContext, filtered)
  }

  /** `undefined` when nothing was recorded. */
  snapshot(startTimeUnixMs: number): ExponentialHistogramPoint | undefined {
    if (this.#count === 0) return undefined
    return {
      attributes: this.attributes,
      startTimeUnixMs,
      count: this.#count,
      sum: this.#sum,
      // Without buckets no scale means anything; 0 is what other SDKs say.
      scale: this.#count === this.#zeroCount ? 0 : this.#scale,
      zeroCount: this.#zeroCount,
      positive: this.#positive.snapshot(),
      negative: { offset: 0, bucketCounts: [] },
      min: this.#min,
      max: this.#max,
      exemplars: this.#copyExemplars(),
    }
  }

  #copyExemplars(): readonly Exemplar[] | undefined {
    return this.#exemplars.length === 0 ? undefined : this.#exemplars.map((slot) => slot.get())
  }

  clear(): void {
    this.#positive.clear()
    this.#exemplars.length = 0
    this.#scale = this.#maxScale
    this.#count = 0
    this.#sum = 0
    this.#zeroCount = 0
    this.#min = Number.POSITIVE_INFINITY
    this.#max = Number.NEGATIVE_INFINITY
  }
}
