import type { AttributeValue, Span, TimeInput } from '@opentelemetry/api'

/** An `@opentelemetry/api` Span with shortcuts. None of its methods throws, and after `end()` none does anything. */
export interface HashiraSpan extends Span {
  /** Takes whatever was thrown, so also the `unknown` of a `catch`. */
  recordException(exception: unknown, time?: TimeInput): void
  /** An attribute whose key is certainly new and whose value is certainly of a valid type; limits are kept. For hot paths. */
  pushAttribute(key: string, value: AttributeValue): void
  /**
   * The span's work failed: records `error` as an exception (unless it already is), sets the status ERROR with its message
   * and the attribute `error.type` (default: the error's name, class or code). A status or `error.type` that is set already
   * stays.
   */
  fail(error: unknown, errorType?: string | undefined): void
  /** `end()` at a reading of `performance.now()`, which is taken as it is. For hot paths. */
  endAt(monotonicMs: number): void
  /** Ends the span without handing it over: each exporter counts it as ended and dropped for `reason`, a short fixed word. */
  discard(reason: string): void
}
