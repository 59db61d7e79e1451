import type { FlatAttributes, MetricFamily } from '@hashira/core'
import { addRecorder, type Recorder } from './recorder'
import { type LabelValues, SeriesTable } from './series-table'
import { metricsState } from './views/configure-metrics'
import { type InstrumentDescription, type Stream, streamsOf } from './views/stream'

type Point = MetricFamily['points'][number]

/** One series of a metric of ours. */
interface RecorderSeries {
  readonly attributes: FlatAttributes
  /** `undefined` when nothing was recorded. */
  snapshot(startTimeUnixMs: number): Point | undefined
  clear(): void
}

/** What the recorders have in common. */
interface RecorderKind<H extends RecorderSeries> {
  readonly instrument: InstrumentDescription
  readonly attributeKeys: readonly string[]
  readonly maxSeries: number | undefined
  readonly type: (stream: Stream) => MetricFamily['type']
  readonly create: (stream: Stream) => (attributes: FlatAttributes) => H
}

/** One metric that a recorder becomes. */
export class RecorderStream<H extends RecorderSeries> implements Recorder {
  readonly name: string
  readonly description: string
  readonly unit: string
  readonly type: MetricFamily['type']
  readonly #table: SeriesTable<H>
  /** Where the values of its keys are among the recorder's; `undefined` when it has all of them. */
  readonly #kept: readonly number[] | undefined
  #startTimeUnixMs = Date.now()

  constructor(stream: Stream, { attributeKeys: keys, type, create }: RecorderKind<H>) {
    this.name = stream.name
    this.description = stream.description
    this.unit = stream.unit
    this.type = type(stream)
    const { attributeKeys: allowed } = stream
    this.#kept = allowed && [...keys.keys()].filter((i) => allowed.has(keys[i] as string))
    const own = this.#kept?.map((i) => keys[i] as string) ?? keys
    this.#table = new SeriesTable(this.name, own, stream.maxSeries, create(stream))
  }

  handle(values: LabelValues): H {
    return this.#table.resolve(this.#kept === undefined ? values : this.#kept.map((i) => values[i]))
  }

  collect(): MetricFamily {
    const points = this.#table.all.flatMap((series) => series.snapshot(this.#startTimeUnixMs) ?? [])
    const { name, description, unit, type } = this
    return { name, description, unit, naming: 'opentelemetry', type, points } as MetricFamily
  }

  reset(): void {
    if (this.type === 'updowncounter') return
    for (const series of this.#table.all) series.clear()
    this.#startTimeUnixMs = Date.now()
  }
}

/** The metrics that a recorder becomes with the views that hold when it is made: usually one, none when a view drops it. */
export class RecorderStreams<H extends RecorderSeries> {
  readonly all: readonly RecorderStream<H>[]
  readonly #removes: readonly (() => void)[]

  constructor(kind: RecorderKind<H>) {
    const streams = streamsOf(kind.instrument, metricsState.views, kind.maxSeries)
    this.all = streams.map((stream) => new RecorderStream(stream, kind))
    this.#removes = this.all.map((stream) => addRecorder(stream))
  }

  remove(): void {
    for (const remove of this.#removes) remove()
  }
}
