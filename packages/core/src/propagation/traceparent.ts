import type { SpanContext } from '@opentelemetry/api'
import { trimOws } from './header-text'
import { isHex, isId, isZero, SPAN_ID_DIGITS, TRACE_ID_DIGITS } from './ids'

const DASH = 0x2d
const LENGTH = 55
const SAMPLED_AND_RANDOM = 0x03
const FLAGS = ['00', '01', '02', '03']

/**
 * The span context of a `traceparent` header, or `undefined` when it is malformed (W3C Trace Context level 2, 3.2).
 * Versions to come are read as version 00 as far as it goes. Flags that level 2 does not know are cleared.
 */
export function parseTraceParent(header: string): SpanContext | undefined {
  const text = trimOws(header)
  if (text.length < LENGTH || !isLayout(text) || !isVersion(text)) return undefined
  if (isZero(text, 3, 35) || isZero(text, 36, 52)) return undefined
  return {
    traceId: text.slice(3, 35),
    spanId: text.slice(36, 52),
    traceFlags: Number.parseInt(text.slice(53, LENGTH), 16) & SAMPLED_AND_RANDOM,
    isRemote: true,
  }
}

/** `version-traceid-parentid-flags`, each lower-case hex. */
function isLayout(text: string): boolean {
  return (
    text.charCodeAt(2) === DASH &&
    text.charCodeAt(35) === DASH &&
    text.charCodeAt(52) === DASH &&
    isHex(text, 0, 2) &&
    isHex(text, 3, 35) &&
    isHex(text, 36, 52) &&
    isHex(text, 53, LENGTH)
  )
}

function isVersion(text: string): boolean {
  if (text.length === LENGTH) return !text.startsWith('ff')
  if (text.startsWith('00') || text.startsWith('ff') || text.charCodeAt(LENGTH) !== DASH) return false
  // Two headers arrive joined by a comma; which one is meant is unknown.
  return !text.includes(',')
}

/** The `traceparent` header of a span context, or `undefined` when its ids are not valid. */
export function formatTraceParent(spanContext: SpanContext): string | undefined {
  const { traceId, spanId } = spanContext
  if (!isId(traceId, TRACE_ID_DIGITS) || !isId(spanId, SPAN_ID_DIGITS)) return undefined
  return `00-${traceId}-${spanId}-${FLAGS[spanContext.traceFlags & SAMPLED_AND_RANDOM]}`
}
