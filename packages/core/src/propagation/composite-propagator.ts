import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api'
import { countFault } from '../diagnostics'
import type { HeaderPropagator } from './header-propagator'

/** Several propagators as one, in their order. One that throws is left out of that call and counted. */
export class CompositePropagator implements TextMapPropagator {
  readonly #propagators: readonly HeaderPropagator[]

  constructor(propagators: readonly TextMapPropagator[]) {
    this.#propagators = propagators
  }

  get prefixes(): readonly string[] {
    return this.#propagators.flatMap((propagator) => propagator.prefixes ?? [])
  }

  get families(): readonly (readonly string[])[] {
    return this.#propagators.flatMap((propagator) => propagator.families ?? [])
  }

  inject<Carrier>(context: Context, carrier: Carrier, setter: TextMapSetter<Carrier>): void {
    for (const propagator of this.#propagators) {
      try {
        propagator.inject(context, carrier, setter)
      } catch {
        countFault('propagator')
      }
    }
  }

  extract<Carrier>(context: Context, carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
    let extracted = context
    for (const propagator of this.#propagators) {
      try {
        extracted = propagator.extract(extracted, carrier, getter)
      } catch {
        countFault('propagator')
      }
    }
    return extracted
  }

  fields(): string[] {
    return [...new Set(this.#propagators.flatMap((propagator) => propagator.fields()))]
  }
}
