import type { Context, TextMapGetter, TextMapSetter } from '@opentelemetry/api'
import { countFault } from '../diagnostics'
import { type HeaderPropagator, readHeader } from './header-propagator'
import { idFromHex, isZero, SPAN_ID_DIGITS, TRACE_ID_DIGITS } from './ids'
import { openTracingBaggage } from './open-tracing-baggage'
import { type RemoteDecision, sentSpanOf, withRemoteSpan } from './remote-span'

const TRACE_ID = 'ot-tracer-traceid'
const SPAN_ID = 'ot-tracer-spanid'
const SAMPLED = 'ot-tracer-sampled'
const FIELDS = [TRACE_ID, SPAN_ID, SAMPLED]

const DECISIONS: ReadonlyMap<string | undefined, RemoteDecision> = new Map([
  [undefined, 'deferred'],
  ['true', 'sampled'],
  ['1', 'sampled'],
  ['false', 'not sampled'],
  ['0', 'not sampled'],
])

/** OpenTracing's basic tracers and Lightstep: `ot-tracer-*`, which has 64 bits of a trace id, and `ot-baggage-*`. */
export class OtTracePropagator implements HeaderPropagator {
  readonly prefixes = [openTracingBaggage.prefix]
  readonly families = [FIELDS]

  inject<Carrier>(context: Context, carrier: Carrier, setter: TextMapSetter<Carrier>): void {
    const span = sentSpanOf(context)
    openTracingBaggage.inject(context, carrier, setter)
    if (span === undefined || isZero(span.traceId, 16)) return
    setter.set(carrier, TRACE_ID, span.traceId.slice(16))
    setter.set(carrier, SPAN_ID, span.spanId)
    if (span.decision !== 'deferred') setter.set(carrier, SAMPLED, String(span.decision === 'sampled'))
  }

  extract<Carrier>(context: Context, carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
    return openTracingBaggage.extract(extractTrace(context, carrier, getter), carrier, getter)
  }

  fields(): string[] {
    return [...FIELDS]
  }
}

function extractTrace<Carrier>(context: Context, carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
  const trace = readHeader(carrier, getter, TRACE_ID)
  const span = readHeader(carrier, getter, SPAN_ID)
  if (trace === undefined && span === undefined) return context
  const traceId = idFromHex(trace, TRACE_ID_DIGITS)
  const spanId = idFromHex(span, SPAN_ID_DIGITS)
  const decision = DECISIONS.get(readHeader(carrier, getter, SAMPLED)?.toLowerCase())
  if (traceId === undefined || spanId === undefined || decision === undefined) {
    countFault('ot_tracer')
    return context
  }
  return withRemoteSpan(context, traceId, spanId, decision)
}
