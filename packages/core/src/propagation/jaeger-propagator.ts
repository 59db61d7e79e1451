import type { Context, TextMapGetter, TextMapSetter } from '@opentelemetry/api'
import { countFault } from '../diagnostics'
import { type HeaderPropagator, readHeader } from './header-propagator'
import { trimOws } from './header-text'
import { idFromHex, SPAN_ID_DIGITS, TRACE_ID_DIGITS } from './ids'
import { percentDecode } from './percent-encoding'
import { PrefixedBaggage, withItems } from './prefixed-baggage'
import { sentSpanOf, withRemoteHint, withRemoteSpan } from './remote-span'
import { VendorState } from './vendor-state'

const HEADER = 'uber-trace-id'
const DEBUG_ID = 'jaeger-debug-id'
const MANUAL_BAGGAGE = 'jaeger-baggage'
const SAMPLED = 0x01
const DEBUG = 0x02
/** Kept, but not indexed. */
const FIREHOSE = 0x08
/** `{trace}:{span}:{parent}:{flags}` at its longest, each colon as `%3A`. */
const MAX_LENGTH = 32 + 3 + 16 + 3 + 16 + 3 + 2
const MAX_DEBUG_ID = 256
const MAX_BAGGAGE = 8_192

/** The flags that a span context has no room for. */
const flagsOf = new VendorState<number>('jaeger')
const baggage = new PrefixedBaggage('uberctx-', {
  decode: percentDecode,
  // A surrogate that stands alone would make it throw.
  encode: (value) => encodeURIComponent(Buffer.from(value).toString()),
})

interface Parsed {
  readonly traceId: string
  readonly spanId: string
  readonly flags: number
}

/**
 * Jaeger's own headers (Jaeger client libraries, "Propagation format"): `uber-trace-id`, baggage as `uberctx-*` and, of a request
 * that somebody sends by hand, as `jaeger-baggage`. `jaeger-debug-id` on a request without a trace begins one that is sampled
 * and can be found by that id.
 */
export class JaegerPropagator implements HeaderPropagator {
  readonly prefixes = [baggage.prefix]
  readonly families = [[HEADER]]

  inject<Carrier>(context: Context, carrier: Carrier, setter: TextMapSetter<Carrier>): void {
    const span = sentSpanOf(context)
    if (span !== undefined) {
      const kept = flagsOf.of(context, span.traceId) ?? 0
      // Debug without sampled means nothing.
      const flags = span.decision === 'sampled' ? SAMPLED | kept : kept & FIREHOSE
      setter.set(carrier, HEADER, `${span.traceId}:${span.spanId}:0:${flags.toString(16)}`)
    }
    baggage.inject(context, carrier, setter)
  }

  extract<Carrier>(context: Context, carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
    const withTrace = extractTrace(context, carrier, getter)
    const withBaggage = baggage.extract(withTrace, carrier, getter)
    const manual = readHeader(carrier, getter, MANUAL_BAGGAGE)
    return manual === undefined ? withBaggage : withItems(withBaggage, itemsOf(manual))
  }

  fields(): string[] {
    return [HEADER, DEBUG_ID, MANUAL_BAGGAGE]
  }
}

function extractTrace<Carrier>(context: Context, carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
  const header = readHeader(carrier, getter, HEADER)
  const parsed = header === undefined ? undefined : parse(header)
  if (parsed !== undefined) {
    const { traceId, spanId, flags } = parsed
    const isSampled = (flags & SAMPLED) !== 0
    const remote = withRemoteSpan(context, traceId, spanId, isSampled ? 'sampled' : 'not sampled')
    const kept = flags & (isSampled ? DEBUG | FIREHOSE : FIREHOSE)
    return kept === 0 ? remote : flagsOf.keep(remote, traceId, kept)
  }
  if (header !== undefined) countFault('uber_trace_id')
  const debugId = readHeader(carrier, getter, DEBUG_ID)
  if (debugId === undefined || debugId === '') return context
  const hint = { decision: 'sampled', attributes: { [DEBUG_ID]: debugId.slice(0, MAX_DEBUG_ID) } } as const
  const hinted = withRemoteHint(context, hint)
  return hinted === context ? context : flagsOf.keep(hinted, undefined, DEBUG)
}

function parse(header: string): Parsed | undefined {
  if (header.length > MAX_LENGTH) return undefined
  const parts = percentDecode(header).split(':')
  const [trace, span, , flagText] = parts
  const traceId = idFromHex(trace, TRACE_ID_DIGITS)
  const spanId = idFromHex(span, SPAN_ID_DIGITS)
  if (parts.length !== 4 || traceId === undefined || spanId === undefined) return undefined
  return /^[0-9a-f]{1,2}$/i.test(flagText!)
    ? { traceId, spanId, flags: Number.parseInt(flagText!, 16) }
    : undefined
}

/** `k1=v1, k2=v2` */
function itemsOf(header: string): [string, string | undefined][] {
  if (header.length > MAX_BAGGAGE) {
    countFault('baggage_limit')
    return []
  }
  return header.split(',').map((item) => {
    const equals = item.indexOf('=')
    const value = equals < 0 ? undefined : percentDecode(trimOws(item, equals + 1))
    return [trimOws(item, 0, Math.max(0, equals)), value]
  })
}
