import { forgetFields } from '@hashira/core'
import { INVALID_SPAN_CONTEXT, type SpanContext } from '@opentelemetry/api'
import type { HashiraSpan } from './hashira-span'

/** Carries a span context and nothing else: sampled out, suppressed, or tracing is off. */
export class NonRecordingSpan implements HashiraSpan {
  readonly #context: SpanContext

  constructor(context: SpanContext) {
    this.#context = context
  }

  spanContext(): SpanContext {
    return this.#context
  }

  setAttribute(): this {
    return this
  }

  setAttributes(): this {
    return this
  }

  addEvent(): this {
    return this
  }

  addLink(): this {
    return this
  }

  addLinks(): this {
    return this
  }

  setStatus(): this {
    return this
  }

  updateName(): this {
    return this
  }

  isRecording(): boolean {
    return false
  }

  recordException(): void {}

  pushAttribute(): void {}

  fail(): void {}

  discard(): void {
    forgetFields(this)
  }

  end(): void {
    forgetFields(this)
  }
}

/** What OpenTelemetry returns where there is nothing to carry on: zero ids, not sampled. */
export const invalidSpan: HashiraSpan = new NonRecordingSpan(INVALID_SPAN_CONTEXT)
