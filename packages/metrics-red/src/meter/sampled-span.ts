import { activeContext, countFault, spanOf } from '@hashira/core'
import { type Context, type SpanContext, TraceFlags } from '@opentelemetry/api'

/** The span that a measurement belongs to, if it is sampled (OpenTelemetry's `trace_based` exemplar filter). Never throws. */
export function sampledSpan(context: Context | undefined): SpanContext | undefined {
  try {
    const spanContext = spanOf(context ?? activeContext())?.spanContext()
    if (spanContext === undefined || (spanContext.traceFlags & TraceFlags.SAMPLED) === 0) return undefined
    return spanContext
  } catch {
    countFault('exemplar')
    return undefined
  }
}
