import { countFault } from '@hashira/core'
import { metricsState } from '../views/configure-metrics'
import type { InstrumentType } from '../views/metric-view'
import { type InstrumentDescription, type Stream, streamsOf } from '../views/stream'
import type { InstrumentStream } from './meter-stream'

/** What an instrument measures into. */
export interface InstrumentStreams<S extends InstrumentStream> {
  readonly type: InstrumentType
  /** OpenTelemetry's `ValueType.INT`. */
  readonly isInteger: boolean
  /** Replaced as a whole when the views change; empty while nothing is measured. */
  readonly streams: readonly S[]
}

/** A core without what is special to its metrics. */
export type AnyCore = Pick<
  InstrumentCore<InstrumentStream>,
  'type' | 'instrument' | 'streams' | 'update' | 'describe'
>

/** What an instrument is, and the metrics that it becomes with the views that hold now. */
export class InstrumentCore<S extends InstrumentStream> implements InstrumentStreams<S> {
  readonly #create: (stream: Stream) => S
  instrument: InstrumentDescription
  readonly type: InstrumentType
  readonly isInteger: boolean
  streams: readonly S[] = []

  constructor(instrument: InstrumentDescription, isInteger: boolean, create: (stream: Stream) => S) {
    this.instrument = instrument
    this.type = instrument.type
    this.isInteger = isInteger
    this.#create = create
    this.update()
  }

  /**
   * Makes the metrics that the views ask for now. One that stays as it is keeps its numbers; of the others sums and last values
   * move to the new ones, and what can't is counted as `metric_view_changed`.
   */
  update(): void {
    const { views, enabled } = metricsState
    const wanted = enabled ? streamsOf(this.instrument, views) : []
    const left = new Map(this.streams.map((stream) => [identityOf(stream.settings), stream]))
    const kept = wanted.map((settings) => {
      const identity = identityOf(settings)
      const known = left.get(identity)
      left.delete(identity)
      return { settings, known }
    })
    for (const stream of left.values()) stream.remove()
    const [whole] = [...left.values()].filter(({ settings }) => settings.attributeKeys === undefined)
    let isMoved = false
    this.streams = kept.map(({ settings, known }) => {
      if (known !== undefined) return known
      const created = this.#create(settings)
      if (whole !== undefined && created.adopt(whole)) isMoved = true
      return created
    })
    for (const stream of left.values())
      if (stream.size > 0 && !isMoved) countFault('metric_view_changed', stream.size)
  }

  /** Of several descriptions of one instrument the longest is shown (OpenTelemetry metrics data model). */
  describe(description: string): void {
    if (description.length <= this.instrument.description.length) return
    const before = this.instrument.description
    this.instrument = { ...this.instrument, description }
    for (const stream of this.streams) if (stream.description === before) stream.description = description
  }
}

function identityOf({ attributeKeys, ...rest }: Stream): string {
  return JSON.stringify([rest, attributeKeys && [...attributeKeys].sort()])
}
