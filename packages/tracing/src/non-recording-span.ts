import { ContextSpan, forgetFields } from '@hashira/core'
import { INVALID_SPAN_CONTEXT } from '@opentelemetry/api'
import type { HashiraSpan } from './hashira-span'

/** Carries a span context and nothing else: sampled out, suppressed, or tracing is off. */
export class NonRecordingSpan extends ContextSpan implements HashiraSpan {
  pushAttribute(): void {}

  fail(): void {}

  discard(): void {
    forgetFields(this)
  }

  endAt(): void {
    forgetFields(this)
  }

  override end(): void {
    forgetFields(this)
  }
}

/** What OpenTelemetry returns where there is nothing to carry on: zero ids, not sampled. */
export const invalidSpan: HashiraSpan = new NonRecordingSpan(INVALID_SPAN_CONTEXT)
