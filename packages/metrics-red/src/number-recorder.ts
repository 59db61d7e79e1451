import type { FlatAttributes, NumberFamily } from '@hashira/core'
import { CounterSeries, GaugeSeries, UpDownCounterSeries } from './number-handle'
import { RecorderStreams } from './recorder-streams'
import type { LabelValues } from './series-table'
import type { InstrumentType } from './views/metric-view'

export interface NumberSettings {
  readonly name: string
  readonly description: string
  /** UCUM: `{request}`. */
  readonly unit: string
  /** The attributes that tell series apart; values are given in this order. */
  readonly attributeKeys: readonly string[]
  /** Default 2,000; everything beyond shares one overflow series. */
  readonly maxSeries?: number | undefined
}

/** One series of a counter. */
export interface CounterHandle {
  /** Without those that a view filters out. */
  readonly attributes: FlatAttributes
  /** Never throws. An amount that is not a finite number of 0 or more is dropped and counted. */
  add(amount: number): void
}

/** One series of a sum that goes up and down. */
export interface UpDownCounterHandle {
  /** Without those that a view filters out. */
  readonly attributes: FlatAttributes
  /** Never throws. An amount that is not a finite number is dropped and counted. */
  add(amount: number): void
}

/** One series of a gauge. */
export interface GaugeHandle {
  /** Without those that a view filters out. */
  readonly attributes: FlatAttributes
  /** Never throws. What is not a number is dropped and counted. */
  set(value: number): void
}

type NumberSeries = CounterSeries | UpDownCounterSeries | GaugeSeries

const FAMILY_TYPES = { COUNTER: 'counter', UP_DOWN_COUNTER: 'updowncounter', GAUGE: 'gauge' } as const

/** The views that hold when a recorder is made decide about its name and labels. */
abstract class NumberRecorder<Series extends NumberSeries> {
  readonly type: NumberFamily['type']
  readonly name: string
  readonly description: string
  readonly unit: string
  readonly attributeKeys: readonly string[]
  readonly #streams: RecorderStreams<Series>

  constructor(
    instrumentType: InstrumentType & keyof typeof FAMILY_TYPES,
    settings: NumberSettings,
    create: (attributes: FlatAttributes) => Series,
  ) {
    this.type = FAMILY_TYPES[instrumentType]
    this.name = settings.name
    this.description = settings.description
    this.unit = settings.unit
    this.attributeKeys = [...settings.attributeKeys]
    const { name, description, unit, attributeKeys, type } = this
    this.#streams = new RecorderStreams({
      instrument: { name, description, unit, type: instrumentType, scope: undefined, bounds: [] },
      attributeKeys,
      maxSeries: settings.maxSeries,
      type: () => type,
      create: () => create,
    })
  }

  /** One per metric that views make of this one. */
  protected series(values: LabelValues): readonly Series[] {
    return this.#streams.all.map((stream) => stream.handle(values))
  }

  /** Of several metrics that views make of it the first; without points when they drop it. */
  collect(): NumberFamily {
    const { name, description, unit, type } = this
    const empty = { name, description, unit, naming: 'opentelemetry', type, points: [] } as const
    return (this.#streams.all[0]?.collect() as NumberFamily | undefined) ?? empty
  }

  reset(): void {
    for (const stream of this.#streams.all) stream.reset()
  }

  /** Takes it out of every snapshot and registry. */
  remove(): void {
    this.#streams.remove()
  }
}

/** Counts up. */
export class CounterRecorder extends NumberRecorder<CounterSeries> {
  constructor(settings: NumberSettings) {
    super('COUNTER', settings, (attributes) => new CounterSeries(attributes))
  }

  /** The series with these label values, in the order of `attributeKeys`; `undefined` is an absent attribute. */
  handle(values: LabelValues): CounterHandle {
    return addingTo(this.series(values))
  }
}

/** Counts what is there now: requests under way, connections open. `reset` does nothing: it would end below zero. */
export class UpDownCounterRecorder extends NumberRecorder<UpDownCounterSeries> {
  constructor(settings: NumberSettings) {
    super('UP_DOWN_COUNTER', settings, (attributes) => new UpDownCounterSeries(attributes))
  }

  /** The series with these label values, in the order of `attributeKeys`; `undefined` is an absent attribute. */
  handle(values: LabelValues): UpDownCounterHandle {
    return addingTo(this.series(values))
  }
}

/** The last value that was set. */
export class GaugeRecorder extends NumberRecorder<GaugeSeries> {
  constructor(settings: NumberSettings) {
    super('GAUGE', settings, (attributes) => new GaugeSeries(attributes))
  }

  /** The series with these label values, in the order of `attributeKeys`; `undefined` is an absent attribute. */
  handle(values: LabelValues): GaugeHandle {
    const all = this.series(values)
    if (all.length === 1) return all[0]!
    return {
      attributes: all[0]?.attributes ?? [],
      set(value) {
        for (const series of all) series.set(value)
      },
    }
  }
}

function addingTo(all: readonly CounterHandle[]): CounterHandle {
  if (all.length === 1) return all[0]!
  return {
    attributes: all[0]?.attributes ?? [],
    add(amount) {
      for (const series of all) series.add(amount)
    },
  }
}
