import type { Context, TextMapGetter, TextMapSetter } from '@opentelemetry/api'
import { isTracingSuppressed, spanOf, withSpan } from '../context'
import { countFault } from '../diagnostics'
import { ContextSpan } from './context-span'
import type { HeaderPropagator } from './header-propagator'
import { joinHeader } from './header-text'
import { formatTraceState, parseTraceState } from './trace-state'
import { formatTraceParent, parseTraceParent } from './traceparent'

/** W3C Trace Context level 2: `traceparent` and `tracestate`. Malformed headers count as absent. */
export class W3cTraceContextPropagator implements HeaderPropagator {
  readonly families = [['traceparent', 'tracestate']]

  inject<Carrier>(context: Context, carrier: Carrier, setter: TextMapSetter<Carrier>): void {
    const spanContext = spanOf(context)?.spanContext()
    if (spanContext === undefined || isTracingSuppressed(context)) return
    const traceParent = formatTraceParent(spanContext)
    if (traceParent === undefined) return
    setter.set(carrier, 'traceparent', traceParent)
    if (spanContext.traceState === undefined) return
    const traceState = formatTraceState(spanContext.traceState)
    if (traceState !== undefined) setter.set(carrier, 'tracestate', traceState)
  }

  extract<Carrier>(context: Context, carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
    const traceParent = joinHeader(getter.get(carrier, 'traceparent'))
    if (traceParent === undefined) return context
    const spanContext = parseTraceParent(traceParent)
    if (spanContext === undefined) {
      countFault('traceparent')
      return context
    }
    const header = joinHeader(getter.get(carrier, 'tracestate'))
    if (header !== undefined && header !== '') {
      const traceState = parseTraceState(header)
      if (traceState === undefined) countFault('tracestate')
      else spanContext.traceState = traceState
    }
    return withSpan(context, new ContextSpan(spanContext))
  }

  fields(): string[] {
    return ['traceparent', 'tracestate']
  }
}
