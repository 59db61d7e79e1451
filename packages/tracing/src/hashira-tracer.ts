import type {
  AttributeValue,
  Context,
  SpanKind,
  SpanOptions,
  Tracer,
  TracerProvider,
} from '@opentelemetry/api'
import type { HashiraSpan } from './hashira-span'

/** An `@opentelemetry/api` Tracer with `span`. Valid before and after `start()`; inert while tracing is off. */
export interface HashiraTracer extends Tracer {
  startSpan(name: string, options?: SpanOptions, context?: Context): HashiraSpan
  /**
   * Runs `fn` with a new span active, and ends the span: when `fn` returns or throws, or when the promise that it returns
   * settles. A failure is recorded on the span (`fail`) and goes on to the caller as the same error.
   *
   * Returns what `fn` returns. A promise comes back as a promise of its kind with the same value or rejection, one that is
   * settled after the span has ended; any other thenable comes back as a native promise. While tracing is off `fn` runs all
   * the same, with a span that does not record.
   */
  span<T>(name: string, fn: (span: HashiraSpan) => T): T
  span<T>(name: string, options: SpanOptions, fn: (span: HashiraSpan) => T): T
  /**
   * `startSpan` for hot paths. `attributes` are alternating keys and values, unique and of valid types; the array belongs to
   * the span from then on. String values and the number of attributes are held to the limits. `startMs` is a reading of
   * `performance.now()` that was just taken; default: one of its own.
   */
  startFlatSpan(
    name: string,
    kind: SpanKind,
    attributes: (string | AttributeValue)[],
    parent: Context,
    startMs?: number,
  ): HashiraSpan
}

/** The `@opentelemetry/api` TracerProvider. One for the process, however many copies of this package are loaded. */
export interface HashiraTracerProvider extends TracerProvider {
  getTracer(name: string, version?: string, options?: { schemaUrl?: string }): HashiraTracer
}
