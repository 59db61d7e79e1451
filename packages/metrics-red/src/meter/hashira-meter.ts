import type {
  Attributes,
  Counter,
  Gauge,
  Histogram,
  Meter,
  MeterOptions,
  MeterProvider,
  MetricOptions,
  UpDownCounter,
} from '@opentelemetry/api'
import type { BoundCounter, BoundRecord } from './sync-instruments'

/** An instrument that can resolve attributes once, for hot code. */
export interface Bindable<A extends Attributes, B> {
  /** The series of these attributes as a handle, which follows when views change. */
  bind(attributes?: A): B
}

/** An `@opentelemetry/api` Meter whose synchronous instruments have `bind`. */
export interface HashiraMeter extends Meter {
  createCounter<A extends Attributes = Attributes>(
    name: string,
    options?: MetricOptions,
  ): Counter<A> & Bindable<A, BoundCounter>
  createUpDownCounter<A extends Attributes = Attributes>(
    name: string,
    options?: MetricOptions,
  ): UpDownCounter<A> & Bindable<A, BoundCounter>
  createHistogram<A extends Attributes = Attributes>(
    name: string,
    options?: MetricOptions,
  ): Histogram<A> & Bindable<A, BoundRecord>
  createGauge<A extends Attributes = Attributes>(
    name: string,
    options?: MetricOptions,
  ): Gauge<A> & Bindable<A, BoundRecord>
}

/** The `@opentelemetry/api` MeterProvider. One for the process, however many copies of this package are loaded. */
export interface HashiraMeterProvider extends MeterProvider {
  getMeter(name: string, version?: string, options?: MeterOptions): HashiraMeter
}
