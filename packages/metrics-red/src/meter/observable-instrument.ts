import { countFault } from '@hashira/core'
import type { Attributes, Observable, ObservableCallback } from '@opentelemetry/api'
import type { InstrumentStreams } from './instrument-core'
import type { ObservationRounds } from './observation-rounds'
import type { ObservedStream } from './observed-stream'

/** What one callback observed of one instrument. */
export interface Observation {
  readonly instrument: ObservableInstrument
  readonly value: number
  readonly attributes: unknown
}

/** An observable counter, up-down counter or gauge: its callbacks are asked whenever somebody reads. */
export class ObservableInstrument<A extends Attributes = Attributes> implements Observable<A> {
  readonly #core: InstrumentStreams<ObservedStream>
  readonly #rounds: ObservationRounds

  constructor(core: InstrumentStreams<ObservedStream>, rounds: ObservationRounds) {
    this.#core = core
    this.#rounds = rounds
  }

  /** Once, however often it is added. */
  addCallback(callback: ObservableCallback<A>): void {
    this.#rounds.add(callback as ObservableCallback, [this as ObservableInstrument], false)
  }

  removeCallback(callback: ObservableCallback<A>): void {
    this.#rounds.remove(callback as ObservableCallback, [this as ObservableInstrument], false)
  }

  /**
   * The value as it will be shown; `undefined` for what is no finite number (of a gauge: no number), counted as
   * `observed_value`.
   *
   * @internal
   */
  accept(value: unknown): number | undefined {
    const isGauge = this.#core.type === 'OBSERVABLE_GAUGE'
    if (typeof value !== 'number' || Number.isNaN(value) || !(isGauge || Number.isFinite(value))) {
      countFault('observed_value')
      return undefined
    }
    if (!this.#core.isInteger || Number.isInteger(value)) return value
    countFault('metric_fraction')
    return Math.trunc(value)
  }

  /** Begins what a round found. `error` when all callbacks failed. @internal */
  begin(error: unknown): void {
    for (const stream of this.#core.streams) stream.begin(error)
  }

  /** @internal */
  observed({ value, attributes }: Observation): void {
    for (const stream of this.#core.streams) stream.observe(value, attributes)
  }
}
