import { baggageOf, rootContext, withBaggage, withSpan } from '@hashira/core'
import type { Baggage, Context, Span } from '@opentelemetry/api'

/** An OpenTracing SpanContext: a span and its baggage. Immutable. */
export class SpanContextShim {
  readonly #span: Span | undefined
  readonly #baggage: Baggage | undefined

  constructor(span: Span | undefined, baggage: Baggage | undefined) {
    this.#span = span
    this.#baggage = baggage
  }

  /** `value` if it is one of ours; contexts of another tracer lead nowhere. */
  static from(value: unknown): SpanContextShim | undefined {
    return typeof value === 'object' && value !== null && #span in value
      ? (value as SpanContextShim)
      : undefined
  }

  get span(): Span | undefined {
    return this.#span
  }

  get baggage(): Baggage | undefined {
    return this.#baggage
  }

  withBaggage(baggage: Baggage): SpanContextShim {
    return new SpanContextShim(this.#span, baggage)
  }

  /** `base` with this span and this baggage. */
  toContext(base: Context = rootContext): Context {
    const context = this.#span === undefined ? base : withSpan(base, this.#span)
    return this.#baggage === undefined ? context : withBaggage(context, this.#baggage)
  }

  static fromContext(context: Context, span: Span | undefined): SpanContextShim {
    return new SpanContextShim(span, baggageOf(context))
  }

  toTraceId(): string {
    return this.#span?.spanContext().traceId ?? ''
  }

  toSpanId(): string {
    return this.#span?.spanContext().spanId ?? ''
  }
}
