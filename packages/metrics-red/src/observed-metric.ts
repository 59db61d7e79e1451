import type { FlatAttributes, NumberFamily, NumberPoint } from '@hashira/core'
import { AttributeIndex } from './meter/attribute-index'
import { unflatten } from './meter/metric-attributes'
import { LastValueSeries, SumSeries } from './meter/number-series'
import { addRecorder } from './recorder'
import { metricsState } from './views/configure-metrics'
import { type Stream, streamsOf } from './views/stream'

export interface Observation {
  readonly value: number
  readonly attributes?: FlatAttributes | undefined
}

export interface ObservedSettings {
  readonly name: string
  readonly description: string
  /** UCUM: `By`. */
  readonly unit: string
  readonly type: NumberFamily['type']
  /** Called whenever somebody reads. May throw or reject: then this metric fails alone. */
  observe(): readonly Observation[] | Promise<readonly Observation[]>
}

const INSTRUMENT_TYPES = {
  counter: 'OBSERVABLE_COUNTER',
  updowncounter: 'OBSERVABLE_UP_DOWN_COUNTER',
  gauge: 'OBSERVABLE_GAUGE',
  unknown: 'OBSERVABLE_GAUGE',
} as const

/** A metric that is looked up when it is read, not recorded. The views that hold when it is made decide about name and labels. */
export class ObservedMetric {
  readonly name: string
  readonly description: string
  readonly unit: string
  readonly type: NumberFamily['type']
  readonly #observe: ObservedSettings['observe']
  readonly #startTimeUnixMs = Math.round(Date.now() - performance.now())
  readonly #streams: readonly Stream[]
  readonly #removes: readonly (() => void)[]

  constructor(settings: ObservedSettings) {
    const { name, description, unit, type, observe } = settings
    this.name = name
    this.description = description
    this.unit = unit
    this.type = type
    this.#observe = observe
    const instrument = { name, description, unit, type: INSTRUMENT_TYPES[type], scope: undefined, bounds: [] }
    this.#streams = streamsOf(instrument, metricsState.views)
    this.#removes = this.#streams.map((stream) =>
      addRecorder({
        name: stream.name,
        description: stream.description,
        unit,
        type,
        collect: () => this.#collectAs(stream),
        reset: () => this.reset(),
      }),
    )
  }

  /** Of several metrics that views make of it the first; without points when they drop it. */
  async collect(): Promise<NumberFamily> {
    const [stream] = this.#streams
    if (stream !== undefined) return this.#collectAs(stream)
    const { name, description, unit, type } = this
    return { name, description, unit, naming: 'opentelemetry', type, points: [] }
  }

  /** Does nothing: the value is not ours to set. */
  reset(): void {}

  /** Takes it out of every snapshot and registry. */
  remove(): void {
    for (const remove of this.#removes) remove()
  }

  async #collectAs(stream: Stream): Promise<NumberFamily> {
    const { name, description, unit } = stream
    const points = this.#pointsOf(await this.#observe.call(undefined), stream)
    return { name, description, unit, naming: 'opentelemetry', type: this.type, points }
  }

  #pointsOf(observations: readonly Observation[], { name, attributeKeys, maxSeries }: Stream): NumberPoint[] {
    const startTimeUnixMs = this.#startTimeUnixMs
    if (attributeKeys === undefined)
      return observations.map(({ value, attributes = [] }) => ({ attributes, startTimeUnixMs, value }))
    const Series = this.type === 'gauge' || this.type === 'unknown' ? LastValueSeries : SumSeries
    const index = new AttributeIndex(name, maxSeries, attributeKeys, (attributes) => new Series(attributes))
    for (const { value, attributes = [] } of observations) index.find(unflatten(attributes)).record(value)
    return index.all.flatMap((series) => series.snapshot(startTimeUnixMs) ?? [])
  }
}
