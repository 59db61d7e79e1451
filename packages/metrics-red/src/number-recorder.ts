import { countFault, type FlatAttributes, type NumberFamily } from '@hashira/core'
import { addRecorder, type Recorder } from './recorder'
import { DEFAULT_MAX_SERIES, type LabelValues, SeriesTable } from './series-table'

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

class NumberHandle {
  readonly attributes: FlatAttributes
  /** @internal */
  value = 0
  /** A series shows once something was recorded, not when its labels were resolved. @internal */
  touched = false

  /** @internal */
  constructor(attributes: FlatAttributes) {
    this.attributes = attributes
  }
}

/** One series of a counter. */
export class CounterHandle extends NumberHandle {
  /** Never throws. An amount that is not a finite number of 0 or more is dropped and counted. */
  add(amount: number): void {
    if (amount >= 0 && amount < Number.POSITIVE_INFINITY) {
      this.value += amount
      this.touched = true
    } else countFault('counter_value')
  }
}

/** One series of a sum that goes up and down. */
export class UpDownCounterHandle extends NumberHandle {
  /** Never throws. An amount that is not a finite number is dropped and counted. */
  add(amount: number): void {
    if (Number.isFinite(amount)) {
      this.value += amount
      this.touched = true
    } else countFault('up_down_counter_value')
  }
}

/** One series of a gauge. */
export class GaugeHandle extends NumberHandle {
  /** Never throws. What is not a number is dropped and counted. */
  set(value: number): void {
    if (typeof value === 'number' && !Number.isNaN(value)) {
      this.value = value
      this.touched = true
    } else countFault('gauge_value')
  }
}

abstract class NumberRecorder<Handle extends NumberHandle> implements Recorder {
  readonly type: NumberFamily['type']
  readonly name: string
  readonly description: string
  readonly unit: string
  readonly attributeKeys: readonly string[]
  readonly #series: SeriesTable<Handle>
  readonly #remove: () => void
  #startTimeUnixMs = Date.now()

  constructor(
    type: NumberFamily['type'],
    settings: NumberSettings,
    create: (attributes: FlatAttributes) => Handle,
  ) {
    this.type = type
    this.name = settings.name
    this.description = settings.description
    this.unit = settings.unit
    this.attributeKeys = [...settings.attributeKeys]
    this.#series = new SeriesTable(
      this.name,
      this.attributeKeys,
      settings.maxSeries ?? DEFAULT_MAX_SERIES,
      create,
    )
    this.#remove = addRecorder(this)
  }

  /** The series with these label values, in the order of `attributeKeys`; `undefined` is an absent attribute. */
  handle(values: LabelValues): Handle {
    return this.#series.resolve(values)
  }

  collect(): NumberFamily {
    const startTimeUnixMs = this.#startTimeUnixMs
    const points = this.#series.all
      .filter((handle) => handle.touched)
      .map(({ attributes, value }) => ({ attributes, startTimeUnixMs, value }))
    const { name, description, unit, type } = this
    return { name, description, unit, naming: 'opentelemetry', type, points }
  }

  reset(): void {
    for (const handle of this.#series.all) {
      handle.value = 0
      handle.touched = false
    }
    this.#startTimeUnixMs = Date.now()
  }

  /** Takes it out of every snapshot and registry. */
  remove(): void {
    this.#remove()
  }
}

/** Counts up. */
export class CounterRecorder extends NumberRecorder<CounterHandle> {
  constructor(settings: NumberSettings) {
    super('counter', settings, (attributes) => new CounterHandle(attributes))
  }
}

/** Counts what is there now: requests under way, connections open. */
export class UpDownCounterRecorder extends NumberRecorder<UpDownCounterHandle> {
  constructor(settings: NumberSettings) {
    super('updowncounter', settings, (attributes) => new UpDownCounterHandle(attributes))
  }

  /** Does nothing: what is there now stays there, and would end below zero. */
  override reset(): void {}
}

/** The last value that was set. */
export class GaugeRecorder extends NumberRecorder<GaugeHandle> {
  constructor(settings: NumberSettings) {
    super('gauge', settings, (attributes) => new GaugeHandle(attributes))
  }
}
