import type { Context, TextMapGetter, TextMapSetter } from '@opentelemetry/api'
import { countFault } from '../diagnostics'
import { type B3, parseB3Multi, parseB3Single } from './b3-header'
import { type HeaderPropagator, readHeader } from './header-propagator'
import { type SentSpan, sentSpanOf, withRemoteHint, withRemoteSpan } from './remote-span'
import { VendorState } from './vendor-state'

const FIELDS = ['b3', 'x-b3-traceid', 'x-b3-spanid', 'x-b3-parentspanid', 'x-b3-sampled', 'x-b3-flags']
const debug = new VendorState<boolean>('b3')

/**
 * B3 (openzipkin/b3-propagation). Both forms are read, `b3` before `x-b3-*`; the one that was chosen is sent. Ids of 64 bits are
 * filled up with zeros, the debug flag travels on, and without a decision the decision is ours.
 */
export class B3Propagator implements HeaderPropagator {
  readonly families = [FIELDS]
  readonly #form: 'single' | 'multi'

  constructor(form: 'single' | 'multi') {
    this.#form = form
  }

  inject<Carrier>(context: Context, carrier: Carrier, setter: TextMapSetter<Carrier>): void {
    const span = sentSpanOf(context)
    if (span === undefined) return
    const isDebug = span.decision === 'sampled' && debug.of(context, span.traceId) === true
    if (this.#form === 'single') setter.set(carrier, 'b3', formatSingle(span, isDebug))
    else setMulti(span, isDebug, carrier, setter)
  }

  extract<Carrier>(context: Context, carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
    const single = firstOf(readHeader(carrier, getter, 'b3'))
    const read = (name: string) => firstOf(readHeader(carrier, getter, name))
    const multi = single === undefined ? FIELDS.slice(1).map(read) : []
    const [traceId, spanId, , sampled, flags] = multi
    if (single === undefined && multi.every((header) => header === undefined)) return context
    const b3 = single === undefined ? parseB3Multi(traceId, spanId, sampled, flags) : parseB3Single(single)
    if (b3 !== undefined) return withB3(context, b3)
    countFault('b3')
    return context
  }

  fields(): string[] {
    return [...FIELDS]
  }
}

function withB3(context: Context, { traceId, spanId, decision, isDebug }: B3): Context {
  const remote =
    traceId === undefined || spanId === undefined
      ? withRemoteHint(context, { decision })
      : withRemoteSpan(context, traceId, spanId, decision)
  return isDebug && remote !== context ? debug.keep(remote, traceId, true) : remote
}

/** Of repeated headers, which arrive joined, the first counts. */
function firstOf(header: string | undefined): string | undefined {
  const comma = header?.indexOf(',') ?? -1
  return comma < 0 ? header : header?.slice(0, comma).trimEnd()
}

function formatSingle({ traceId, spanId, decision }: SentSpan, isDebug: boolean): string {
  if (decision === 'deferred') return `${traceId}-${spanId}`
  return `${traceId}-${spanId}-${isDebug ? 'd' : decision === 'sampled' ? '1' : '0'}`
}

function setMulti<Carrier>(
  { traceId, spanId, decision }: SentSpan,
  isDebug: boolean,
  carrier: Carrier,
  setter: TextMapSetter<Carrier>,
): void {
  setter.set(carrier, 'x-b3-traceid', traceId)
  setter.set(carrier, 'x-b3-spanid', spanId)
  if (isDebug) setter.set(carrier, 'x-b3-flags', '1')
  else if (decision !== 'deferred') setter.set(carrier, 'x-b3-sampled', decision === 'sampled' ? '1' : '0')
}
