import type { Context, TextMapGetter, TextMapSetter } from '@opentelemetry/api'
import { countFault } from '../diagnostics'
import { type HeaderPropagator, readHeader } from './header-propagator'
import { sentSpanOf, withRemoteHint, withRemoteSpan } from './remote-span'
import { VendorState } from './vendor-state'
import { formatXrayHeader, parseXrayHeader } from './xray-header'

const HEADER = 'x-amzn-trace-id'
const others = new VendorState<string>('xray')

/**
 * AWS X-Ray: `X-Amzn-Trace-Id`. A load balancer or gateway that only gives the trace an id (`Root`) gets its trace begun here.
 * `Sampled=?` and none leave the decision to us. Fields that we do not know (`Lineage`) travel on, up to 256 bytes; `Self` is
 * of one hop only.
 */
export class XrayPropagator implements HeaderPropagator {
  inject<Carrier>(context: Context, carrier: Carrier, setter: TextMapSetter<Carrier>): void {
    const span = sentSpanOf(context)
    if (span === undefined) return
    const { traceId, spanId, decision } = span
    setter.set(
      carrier,
      HEADER,
      formatXrayHeader(traceId, spanId, decision, others.of(context, traceId) ?? ''),
    )
  }

  extract<Carrier>(context: Context, carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
    const header = readHeader(carrier, getter, HEADER)
    if (header === undefined) return context
    const parsed = parseXrayHeader(header)
    if (parsed === undefined) {
      countFault('x_amzn_trace_id')
      return context
    }
    const { traceId, spanId, decision } = parsed
    const remote =
      spanId === undefined
        ? withRemoteHint(context, { decision, traceId })
        : withRemoteSpan(context, traceId, spanId, decision)
    return parsed.others === '' ? remote : others.keep(remote, traceId, parsed.others)
  }

  fields(): string[] {
    return [HEADER]
  }
}
