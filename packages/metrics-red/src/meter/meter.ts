import { countFault, type InstrumentationScope } from '@hashira/core'
import type {
  Attributes,
  BatchObservableCallback,
  Counter,
  Gauge,
  Histogram,
  MetricOptions,
  Observable,
  UpDownCounter,
} from '@opentelemetry/api'
import type { InstrumentType } from '../views/metric-view'
import type { Bindable, HashiraMeter } from './hashira-meter'
import type { InstrumentStreams } from './instrument-core'
import { type InstrumentRegistry, MeterInstruments } from './instrument-registry'
import { MeterStream } from './meter-stream'
import { ObservableInstrument } from './observable-instrument'
import type { ObservationRounds } from './observation-rounds'
import { ObservedStream } from './observed-stream'
import {
  type BoundCounter,
  type BoundRecord,
  MeterCounter,
  MeterGauge,
  MeterHistogram,
  MeterUpDownCounter,
} from './sync-instruments'

/** The meter of one instrumentation scope. Nothing of it throws. */
export class ScopedMeter implements HashiraMeter {
  readonly #instruments: MeterInstruments
  readonly #rounds: ObservationRounds

  constructor(scope: InstrumentationScope, registry: InstrumentRegistry, rounds: ObservationRounds) {
    this.#instruments = new MeterInstruments(scope, registry)
    this.#rounds = rounds
  }

  createCounter<A extends Attributes>(
    name: string,
    options?: MetricOptions,
  ): Counter<A> & Bindable<A, BoundCounter> {
    return this.#create('COUNTER', name, options, (streams) => new MeterCounter(streams))
  }

  createUpDownCounter<A extends Attributes>(
    name: string,
    options?: MetricOptions,
  ): UpDownCounter<A> & Bindable<A, BoundCounter> {
    return this.#create('UP_DOWN_COUNTER', name, options, (streams) => new MeterUpDownCounter(streams))
  }

  createHistogram<A extends Attributes>(
    name: string,
    options?: MetricOptions,
  ): Histogram<A> & Bindable<A, BoundRecord> {
    return this.#create('HISTOGRAM', name, options, (streams) => new MeterHistogram(streams))
  }

  createGauge<A extends Attributes>(
    name: string,
    options?: MetricOptions,
  ): Gauge<A> & Bindable<A, BoundRecord> {
    return this.#create('GAUGE', name, options, (streams) => new MeterGauge(streams))
  }

  createObservableCounter<A extends Attributes>(name: string, options?: MetricOptions): Observable<A> {
    return this.#observable('OBSERVABLE_COUNTER', name, options)
  }

  createObservableUpDownCounter<A extends Attributes>(name: string, options?: MetricOptions): Observable<A> {
    return this.#observable('OBSERVABLE_UP_DOWN_COUNTER', name, options)
  }

  createObservableGauge<A extends Attributes>(name: string, options?: MetricOptions): Observable<A> {
    return this.#observable('OBSERVABLE_GAUGE', name, options)
  }

  addBatchObservableCallback<A extends Attributes>(
    callback: BatchObservableCallback<A>,
    observables: Observable<A>[],
  ): void {
    this.#rounds.add(callback as BatchObservableCallback, ownOf(observables), true)
  }

  removeBatchObservableCallback<A extends Attributes>(
    callback: BatchObservableCallback<A>,
    observables: Observable<A>[],
  ): void {
    this.#rounds.remove(callback as BatchObservableCallback, ownOf(observables), true)
  }

  #create<I>(
    type: InstrumentType,
    name: string,
    options: MetricOptions | undefined,
    createInstrument: (streams: InstrumentStreams<MeterStream>) => I,
  ): I {
    const createStream = (settings: MeterStream['settings']) => new MeterStream(settings, type)
    return this.#instruments.create(type, name, options, createStream, createInstrument)
  }

  #observable<A extends Attributes>(
    type: InstrumentType,
    name: string,
    options: MetricOptions | undefined,
  ): Observable<A> {
    const rounds = this.#rounds
    return this.#instruments.create(
      type,
      name,
      options,
      (settings) => new ObservedStream(settings, type, rounds),
      (streams) => new ObservableInstrument<A>(streams, rounds),
    )
  }
}

/** Those of our own meters; others (of another SDK, or none at all) are counted as `observable`. */
function ownOf(observables: unknown): ObservableInstrument[] {
  if (!Array.isArray(observables)) {
    countFault('observable')
    return []
  }
  return observables.filter((observable): observable is ObservableInstrument => {
    if (observable instanceof ObservableInstrument) return true
    countFault('observable')
    return false
  })
}
