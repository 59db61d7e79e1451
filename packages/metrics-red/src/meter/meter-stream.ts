import type { FlatAttributes, MetricFamily } from '@hashira/core'
import type { SpanContext } from '@opentelemetry/api'
import { BucketHandle, HistogramStore } from '../bucket-handle'
import { ExponentialHandle } from '../exponential-handle'
import { addRecorder, type Recorder } from '../recorder'
import type { InstrumentType } from '../views/metric-view'
import type { Stream } from '../views/stream'
import { AttributeIndex } from './attribute-index'
import { acceptAttributes, flatten, unflatten } from './metric-attributes'
import { LastValueSeries, SumSeries } from './number-series'

type Point = MetricFamily['points'][number]

/** What one combination of attributes measured so far. */
export interface Series {
  readonly attributes: FlatAttributes
  record(value: number, span?: SpanContext, filtered?: FlatAttributes): void
  /** A copy; `undefined` when nothing was measured. */
  snapshot(startTimeUnixMs: number): Point | undefined
  clear(): void
}

/** One metric of an instrument, in every snapshot until it is removed. */
export interface InstrumentStream extends Recorder {
  readonly settings: Stream
  description: string
  /** Series that have a value. */
  readonly size: number
  remove(): void
  /** Takes over what an earlier metric of the same instrument measured; `false` when its numbers don't fit. */
  adopt(earlier: InstrumentStream): boolean
}

/** The metric of a synchronous instrument: a series per combination of attributes, cumulative since it was made. */
export class MeterStream implements InstrumentStream {
  readonly settings: Stream
  readonly name: string
  readonly unit: string
  readonly type: MetricFamily['type']
  description: string
  /** Where measurements find their series. */
  readonly index: AttributeIndex<Series>
  readonly #remove: () => void
  #startTimeUnixMs = Date.now()

  constructor(settings: Stream, type: InstrumentType) {
    this.settings = settings
    this.name = settings.name
    this.unit = settings.unit
    this.description = settings.description
    this.type = familyType(settings, type)
    this.index = new AttributeIndex(
      this.name,
      settings.maxSeries,
      settings.attributeKeys,
      seriesFactory(settings, type),
    )
    this.#remove = addRecorder(this)
  }

  /** The attributes of a measurement that a view filters out, for its exemplar. */
  filtered(attributes: unknown): FlatAttributes | undefined {
    const { attributeKeys } = this.settings
    if (attributeKeys === undefined) return undefined
    const { filtered } = acceptAttributes(attributes, attributeKeys)
    return filtered.length === 0 ? undefined : flatten(filtered)
  }

  get size(): number {
    return this.#points().length
  }

  collect(): MetricFamily {
    return familyOf(this, this.#points())
  }

  /** What is up and down stays as it is: it would end below zero. */
  reset(): void {
    if (this.type === 'updowncounter') return
    for (const series of this.index.all) series.clear()
    this.#startTimeUnixMs = Date.now()
  }

  remove(): void {
    this.#remove()
  }

  adopt(earlier: InstrumentStream): boolean {
    if (!(earlier instanceof MeterStream) || earlier.type !== this.type) return false
    for (const point of earlier.#points()) {
      if (!('value' in point)) return false
      this.index.find(unflatten(point.attributes)).record(point.value)
    }
    this.#startTimeUnixMs = earlier.#startTimeUnixMs
    return true
  }

  #points(): Point[] {
    return this.index.all.flatMap((series) => series.snapshot(this.#startTimeUnixMs) ?? [])
  }
}

export function familyOf(
  { name, description, unit, type, settings }: InstrumentStream,
  points: readonly Point[],
): MetricFamily {
  const { scope } = settings
  return { name, description, unit, naming: 'opentelemetry', scope, type, points } as MetricFamily
}

const FAMILY_TYPES = {
  COUNTER: 'counter',
  OBSERVABLE_COUNTER: 'counter',
  UP_DOWN_COUNTER: 'updowncounter',
  OBSERVABLE_UP_DOWN_COUNTER: 'updowncounter',
  GAUGE: 'gauge',
  OBSERVABLE_GAUGE: 'gauge',
  HISTOGRAM: 'histogram',
} as const

export function familyType({ exponential }: Stream, type: InstrumentType): MetricFamily['type'] {
  return exponential === undefined ? FAMILY_TYPES[type] : 'exponential_histogram'
}

/** How the series of a metric are made. */
export function seriesFactory(
  settings: Stream,
  type: InstrumentType,
): (attributes: FlatAttributes) => Series {
  const { exponential, bounds } = settings
  if (exponential !== undefined) return (attributes) => new ExponentialHandle(exponential, attributes)
  if (type === 'HISTOGRAM') {
    const store = new HistogramStore(bounds, true)
    return (attributes) => new BucketHandle(store, attributes)
  }
  if (type === 'GAUGE' || type === 'OBSERVABLE_GAUGE') return (attributes) => new LastValueSeries(attributes)
  return (attributes) => new SumSeries(attributes)
}
