import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api'
import { baggageOf, isTracingSuppressed, withBaggage } from '../context'
import { formatBaggage, parseBaggage } from './baggage-header'
import { joinHeader } from './header-text'

/** W3C Baggage: `baggage`. Independent of any trace. Malformed members count as absent. */
export class W3cBaggagePropagator implements TextMapPropagator {
  inject<Carrier>(context: Context, carrier: Carrier, setter: TextMapSetter<Carrier>): void {
    const baggage = baggageOf(context)
    if (baggage === undefined || isTracingSuppressed(context)) return
    const header = formatBaggage(baggage)
    if (header !== undefined) setter.set(carrier, 'baggage', header)
  }

  extract<Carrier>(context: Context, carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
    const header = joinHeader(getter.get(carrier, 'baggage'))
    const baggage = header === undefined ? undefined : parseBaggage(header)
    return baggage === undefined ? context : withBaggage(context, baggage)
  }

  fields(): string[] {
    return ['baggage']
  }
}
