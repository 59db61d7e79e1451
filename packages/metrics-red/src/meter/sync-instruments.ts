import { countFault } from '@hashira/core'
import type { Attributes, Context } from '@opentelemetry/api'
import type { InstrumentStreams } from './instrument-core'
import type { MeterStream, Series } from './meter-stream'
import { sampledSpan } from './sampled-span'

/** Which values an instrument takes, and the reason that others are counted by. */
interface Rule {
  readonly least: number
  readonly greatest: number
  readonly fault: string
}

const RULES = {
  counter: { least: 0, greatest: Number.MAX_VALUE, fault: 'counter_value' },
  upDownCounter: { least: -Number.MAX_VALUE, greatest: Number.MAX_VALUE, fault: 'up_down_counter_value' },
  histogram: { least: 0, greatest: Number.MAX_VALUE, fault: 'histogram_value' },
  gauge: { least: Number.NEGATIVE_INFINITY, greatest: Number.POSITIVE_INFINITY, fault: 'gauge_value' },
} as const satisfies Record<string, Rule>

abstract class SyncInstrument {
  readonly #core: InstrumentStreams<MeterStream>
  readonly #rule: Rule

  constructor(core: InstrumentStreams<MeterStream>, rule: Rule) {
    this.#core = core
    this.#rule = rule
  }

  /** Never throws. */
  protected measure(value: number, attributes: unknown, context: Context | undefined): void {
    const { streams, isInteger } = this.#core
    const measured = isInteger ? whole(value) : value
    if (!isAllowed(measured, this.#rule)) return
    const span = sampledSpan(context)
    for (let i = 0; i < streams.length; i++) {
      const stream = streams[i] as MeterStream
      const series = stream.index.find(attributes)
      if (span === undefined) series.record(measured)
      else series.record(measured, span, stream.filtered(attributes))
    }
  }

  protected bound(attributes: unknown): BoundSeries {
    return new BoundSeries(this.#core, this.#rule, attributes)
  }
}

/** The series of one combination of attributes, looked up once. */
class BoundSeries {
  readonly #core: InstrumentStreams<MeterStream>
  readonly #rule: Rule
  readonly #attributes: unknown
  #streams: readonly MeterStream[] | undefined
  #series: readonly Series[] = []

  constructor(core: InstrumentStreams<MeterStream>, rule: Rule, attributes: unknown) {
    this.#core = core
    this.#rule = rule
    this.#attributes = copyOf(attributes)
  }

  measure(value: number, context: Context | undefined): void {
    const { streams, isInteger } = this.#core
    const measured = isInteger ? whole(value) : value
    if (!isAllowed(measured, this.#rule)) return
    if (streams !== this.#streams) this.#bind(streams)
    const span = sampledSpan(context)
    const all = this.#series
    for (let i = 0; i < all.length; i++) {
      const series = all[i] as Series
      if (span === undefined) series.record(measured)
      else series.record(measured, span, streams[i]?.filtered(this.#attributes))
    }
  }

  #bind(streams: readonly MeterStream[]): void {
    this.#streams = streams
    this.#series = streams.map((stream) => stream.index.find(this.#attributes))
  }
}

/** A counter or up-down counter with its attributes resolved: for hot code. */
export interface BoundCounter {
  /** As the instrument's own, without attributes. Never throws. */
  add(value: number, context?: Context): void
}

/** A histogram or gauge with its attributes resolved: for hot code. */
export interface BoundRecord {
  /** As the instrument's own, without attributes. Never throws. */
  record(value: number, context?: Context): void
}

class Adding extends SyncInstrument {
  add(value: number, attributes?: Attributes, context?: Context): void {
    this.measure(value, attributes, context)
  }

  bind(attributes?: Attributes): BoundCounter {
    const series = this.bound(attributes)
    return { add: (value, context) => series.measure(value, context) }
  }
}

class Recording extends SyncInstrument {
  record(value: number, attributes?: Attributes, context?: Context): void {
    this.measure(value, attributes, context)
  }

  bind(attributes?: Attributes): BoundRecord {
    const series = this.bound(attributes)
    return { record: (value, context) => series.measure(value, context) }
  }
}

/** What is negative, NaN or infinite is dropped and counted as `counter_value`. */
export class MeterCounter extends Adding {
  constructor(core: InstrumentStreams<MeterStream>) {
    super(core, RULES.counter)
  }
}

/** What is NaN or infinite is dropped and counted as `up_down_counter_value`. */
export class MeterUpDownCounter extends Adding {
  constructor(core: InstrumentStreams<MeterStream>) {
    super(core, RULES.upDownCounter)
  }
}

/** What is negative, NaN or infinite is dropped and counted as `histogram_value`. */
export class MeterHistogram extends Recording {
  constructor(core: InstrumentStreams<MeterStream>) {
    super(core, RULES.histogram)
  }
}

/** What is NaN is dropped and counted as `gauge_value`. */
export class MeterGauge extends Recording {
  constructor(core: InstrumentStreams<MeterStream>) {
    super(core, RULES.gauge)
  }
}

function isAllowed(value: unknown, { least, greatest, fault }: Rule): boolean {
  if (typeof value === 'number' && value >= least && value <= greatest) return true
  countFault(fault)
  return false
}

/** An instrument of integers takes a fraction's whole part, counted as `metric_fraction`. */
function whole(value: number): number {
  if (typeof value !== 'number' || Number.isInteger(value) || !Number.isFinite(value)) return value
  countFault('metric_fraction')
  return Math.trunc(value)
}

function copyOf(attributes: unknown): unknown {
  try {
    return typeof attributes === 'object' ? { ...attributes } : attributes
  } catch {
    countFault('metric_attributes')
    return undefined
  }
}
