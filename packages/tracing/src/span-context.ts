import { countFault } from '@hashira/core'
import { INVALID_SPANID, INVALID_TRACEID, type SpanContext, type TraceState } from '@opentelemetry/api'

export const SAMPLED_FLAG = 0x01
/** W3C Trace Context level 2: the right-most 56 bits of the trace id are random. Set by whoever makes the id, then kept. */
export const RANDOM_FLAG = 0x02

export function createSpanContext(
  traceId: string,
  spanId: string,
  traceFlags: number,
  traceState: TraceState | undefined,
): SpanContext {
  if (traceState === undefined) return { traceId, spanId, traceFlags }
  return { traceId, spanId, traceFlags, traceState }
}

/** The context of `span` if it can be a parent: ids of the right length that are not all zero, in lower case. Never throws. */
export function validSpanContext(span: { spanContext?(): SpanContext } | undefined): SpanContext | undefined {
  if (span === undefined || span === null) return undefined
  try {
    const context = span.spanContext?.()
    if (context === undefined || context === null || typeof context.traceFlags !== 'number') return undefined
    const { traceId, spanId } = context
    if (isId(traceId, 32, INVALID_TRACEID) && isId(spanId, 16, INVALID_SPANID)) return context
    return lowerCased(context)
  } catch {
    countFault('parent')
    return undefined
  }
}

/** OpenTelemetry's API also lets upper-case ids pass. */
function lowerCased(context: SpanContext): SpanContext | undefined {
  if (typeof context.traceId !== 'string' || typeof context.spanId !== 'string') return undefined
  const traceId = context.traceId.toLowerCase()
  const spanId = context.spanId.toLowerCase()
  if (!isId(traceId, 32, INVALID_TRACEID) || !isId(spanId, 16, INVALID_SPANID)) return undefined
  return { ...context, traceId, spanId }
}

function isId(id: unknown, length: number, zero: string): boolean {
  return isHex(id, length) && id !== zero
}

/** Whether `id` is a string of exactly `length` lower-case hex digits. */
export function isHex(id: unknown, length: number): id is string {
  if (typeof id !== 'string' || id.length !== length) return false
  for (let i = 0; i < length; i++) {
    const code = id.charCodeAt(i)
    if (code < 48 || code > 102 || (code > 57 && code < 97)) return false
  }
  return true
}

/** The `tracestate` header of `traceState`; whatever fails to say one has none. */
export function serializedTraceState(traceState: TraceState | undefined): string | undefined {
  if (traceState === undefined || traceState === null) return undefined
  try {
    const header: unknown = traceState.serialize()
    return typeof header === 'string' && header !== '' ? header : undefined
  } catch {
    countFault('trace_state')
    return undefined
  }
}
