import {
  describe,
  explicitHistogram,
  type FlatAttributes,
  HashiraError,
  type HistogramFamily,
} from '@hashira/core'
import type { SpanContext } from '@opentelemetry/api'
import { BucketHandle, HistogramStore } from './bucket-handle'
import { ExponentialHandle } from './exponential-handle'
import { type RecorderStream, RecorderStreams } from './recorder-streams'
import type { LabelValues } from './series-table'
import { isAscending } from './views/check-views'
import type { Stream } from './views/stream'

/** One series of a histogram. Made by `HistogramRecorder.handle`, kept by whoever records. */
export interface HistogramHandle {
  /** Without those that a view filters out. */
  readonly attributes: FlatAttributes
  /**
   * Never throws. A value that is not a finite number of 0 or more is dropped and counted.
   *
   * @param spanContext when it is sampled, the value becomes an exemplar (OpenTelemetry's `trace_based` filter)
   */
  record(value: number, spanContext?: SpanContext): void
}

export interface HistogramSettings {
  readonly name: string
  readonly description: string
  /** UCUM: `s`. */
  readonly unit: string
  /** Ascending upper bounds, inclusive, without +Inf. */
  readonly bounds: readonly number[]
  /** The attributes that tell series apart; values are given in this order. */
  readonly attributeKeys: readonly string[]
  /** Default 2,000; everything beyond shares one overflow series. */
  readonly maxSeries?: number | undefined
}

/**
 * A histogram: resolve the labels once to a handle, keep it, record into it. The views that hold when it is made decide about
 * its buckets, name and labels.
 *
 * @throws HashiraError HASHIRA_OPTION_INVALID when the bounds are not ascending finite numbers or an attribute key comes twice
 */
export class HistogramRecorder {
  readonly name: string
  readonly description: string
  readonly unit: string
  readonly type = 'histogram'
  readonly bounds: readonly number[]
  readonly attributeKeys: readonly string[]
  readonly #streams: RecorderStreams<BucketHandle | ExponentialHandle>
  /** The only one, which is what it has without views. */
  readonly #stream: RecorderStream<BucketHandle | ExponentialHandle> | undefined

  constructor(settings: HistogramSettings) {
    this.name = settings.name
    this.description = settings.description
    this.unit = settings.unit
    this.bounds = requireBounds(settings)
    this.attributeKeys = requireUnique(settings)
    const { name, description, unit, bounds, attributeKeys } = this
    this.#streams = new RecorderStreams({
      instrument: { name, description, unit, bounds, type: 'HISTOGRAM', scope: undefined },
      attributeKeys,
      maxSeries: settings.maxSeries,
      type: ({ exponential }) => (exponential === undefined ? 'histogram' : 'exponential_histogram'),
      create: seriesFactory,
    })
    const { all } = this.#streams
    this.#stream = all.length === 1 ? all[0] : undefined
  }

  /** The series with these label values, in the order of `attributeKeys`; `undefined` is an absent attribute. */
  handle(values: LabelValues): HistogramHandle {
    if (this.#stream !== undefined) return this.#stream.handle(values)
    const handles = this.#streams.all.map((stream) => stream.handle(values))
    return {
      attributes: handles[0]?.attributes ?? [],
      record(value, spanContext) {
        for (const handle of handles) handle.record(value, spanContext)
      },
    }
  }

  /** Of several metrics that views make of it the first; without points when they drop it. */
  collect(): HistogramFamily {
    const family = this.#streams.all[0]?.collect()
    if (family?.type === 'histogram') return family
    if (family?.type === 'exponential_histogram') return explicitHistogram(family)
    const { name, description, unit, type } = this
    return { name, description, unit, naming: 'opentelemetry', type, points: [] }
  }

  reset(): void {
    for (const stream of this.#streams.all) stream.reset()
  }

  /** Takes it out of every snapshot and registry. */
  remove(): void {
    this.#streams.remove()
  }
}

function seriesFactory({
  exponential,
  bounds,
}: Stream): (attributes: FlatAttributes) => BucketHandle | ExponentialHandle {
  if (exponential !== undefined)
    return (attributes: FlatAttributes) => new ExponentialHandle(exponential, attributes)
  const store = new HistogramStore(bounds)
  return (attributes: FlatAttributes) => new BucketHandle(store, attributes)
}

function requireBounds({ name, bounds }: HistogramSettings): number[] {
  if (isAscending(bounds)) return [...bounds]
  throw new HashiraError(
    'HASHIRA_OPTION_INVALID',
    `${name}: buckets are ${describe(bounds)}, allowed are ascending finite numbers`,
  )
}

function requireUnique({ name, attributeKeys }: HistogramSettings): string[] {
  if (new Set(attributeKeys).size === attributeKeys.length) return [...attributeKeys]
  throw new HashiraError(
    'HASHIRA_OPTION_INVALID',
    `${name}: labels are ${describe(attributeKeys)}, allowed is each of them once`,
  )
}
