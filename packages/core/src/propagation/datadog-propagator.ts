import type { Context, TextMapGetter, TextMapSetter, TraceState } from '@opentelemetry/api'
import { countFault } from '../diagnostics'
import {
  DATADOG_MEMBER,
  type DatadogState,
  formatDatadogMember,
  parseDatadogMember,
  parsePriority,
} from './datadog-state'
import { formatDatadogTags, parseDatadogTags } from './datadog-tags'
import { type HeaderPropagator, readHeader } from './header-propagator'
import { asciiSet, consistsOf } from './header-text'
import { decimalFromHex, hexFromDecimal, isZero } from './ids'
import { openTracingBaggage } from './open-tracing-baggage'
import { type RemoteDecision, sentSpanOf, withRemoteHint, withRemoteSpan } from './remote-span'
import { W3cTraceState } from './trace-state'
import { VendorState } from './vendor-state'

const TRACE_ID = 'x-datadog-trace-id'
const PARENT_ID = 'x-datadog-parent-id'
const PRIORITY = 'x-datadog-sampling-priority'
const ORIGIN = 'x-datadog-origin'
const TAGS = 'x-datadog-tags'
const FIELDS = [TRACE_ID, PARENT_ID, PRIORITY, ORIGIN, TAGS]

const PRINTABLE = asciiSet(Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i)).join(''))
const MAX_ORIGIN = 256

/** As it came: the trace state, which spans have it in as well, has less room and fewer characters. */
const received = new VendorState<DatadogState>('datadog')

/**
 * Datadog's headers, as its tracers write them: decimal ids of 64 bits, the upper half of the trace id in `x-datadog-tags`. A
 * sampling priority, the origin and every `_dd.p.*` tag travel on, and stand in the trace state of spans as `dd`, which is where they
 * are sent from when they came in a `tracestate`. Baggage is `ot-baggage-*`.
 */
export class DatadogPropagator implements HeaderPropagator {
  readonly prefixes = [openTracingBaggage.prefix]
  readonly families = [FIELDS]

  inject<Carrier>(context: Context, carrier: Carrier, setter: TextMapSetter<Carrier>): void {
    const span = sentSpanOf(context)
    openTracingBaggage.inject(context, carrier, setter)
    // Of an id whose lower half is zero Datadog sees nothing.
    if (span === undefined || isZero(span.traceId, 16)) return
    const { traceId, spanId, decision } = span
    const {
      priority,
      origin = '',
      tags = '',
    } = received.of(context, traceId) ?? stateIn(span.traceState) ?? {}
    setter.set(carrier, TRACE_ID, decimalFromHex(traceId.slice(16)))
    setter.set(carrier, PARENT_ID, decimalFromHex(spanId))
    if (decision !== 'deferred') setter.set(carrier, PRIORITY, priorityFor(decision, priority))
    if (origin !== '') setter.set(carrier, ORIGIN, origin)
    const header = formatDatadogTags(traceId.slice(0, 16), tags)
    if (header !== undefined) setter.set(carrier, TAGS, header)
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
  const parent = readHeader(carrier, getter, PARENT_ID)
  if (trace === undefined && parent === undefined) return context
  const lowerHalf = hexFromDecimal(trace)
  const spanId = hexFromDecimal(parent)
  if (lowerHalf === undefined || spanId === undefined || isZero(lowerHalf)) {
    countFault('x_datadog')
    return context
  }
  const { tid = '0'.repeat(16), others } = parseDatadogTags(readHeader(carrier, getter, TAGS))
  const traceId = tid + lowerHalf
  const priority = parsePriority(readHeader(carrier, getter, PRIORITY))
  const decision = decisionOf(priority)
  const state: DatadogState = {
    priority,
    origin: originOf(readHeader(carrier, getter, ORIGIN)),
    tags: others,
  }
  const traceState = traceStateOf(state)
  // Browsers and synthetic tests begin a trace and have no span of their own: their parent id is 0.
  const remote = isZero(spanId)
    ? withRemoteHint(context, { decision, traceId, traceState })
    : withRemoteSpan(context, traceId, spanId, decision, traceState)
  return received.keep(remote, traceId, state)
}

function traceStateOf(state: DatadogState): TraceState | undefined {
  const member = formatDatadogMember(state)
  return member === undefined ? undefined : new W3cTraceState().set(DATADOG_MEMBER, member)
}

function stateIn(traceState: TraceState | undefined): DatadogState | undefined {
  const member = traceState?.get(DATADOG_MEMBER)
  return member === undefined ? undefined : parseDatadogMember(member)
}

function decisionOf(priority: number | undefined): RemoteDecision {
  if (priority === undefined) return 'deferred'
  return priority > 0 ? 'sampled' : 'not sampled'
}

/** A received priority stays as long as the span was decided the same way. */
function priorityFor(decision: RemoteDecision, priority: number | undefined): string {
  const isKept = decision === 'sampled'
  if (priority !== undefined && isKept === priority > 0) return String(priority)
  return isKept ? '1' : '0'
}

function originOf(header: string | undefined): string {
  return header !== undefined && header.length <= MAX_ORIGIN && consistsOf(PRINTABLE, header) ? header : ''
}
