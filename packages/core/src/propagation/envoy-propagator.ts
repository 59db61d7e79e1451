import { type Context, createContextKey, type TextMapGetter, type TextMapSetter } from '@opentelemetry/api'
import { isTracingSuppressed } from '../context'
import { countFault } from '../diagnostics'
import { type HeaderPropagator, readHeader } from './header-propagator'
import { asciiSet, consistsOf } from './header-text'

/** What an app in a mesh has to copy from each request that it gets to those that it makes (Istio FAQ, Envoy). */
const HEADERS = [
  'x-request-id',
  'x-client-trace-id',
  'x-envoy-force-trace',
  'x-ot-span-context',
  'x-cloud-trace-context',
  'grpc-trace-bin',
  'b3',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-parentspanid',
  'x-b3-sampled',
  'x-b3-flags',
  'traceparent',
  'tracestate',
]
const KEY = createContextKey('Hashira Propagation envoy')
const PRINTABLE = asciiSet(Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i)).join(''))
/** What W3C guarantees a `tracestate`, the longest of them. The context keeps all of them as long as it lives. */
const MAX_LENGTH = 512

/**
 * Passes the headers of Envoy and Istio through, unchanged, so that the proxies' own spans stay together. Headers that another
 * propagator of the process sends are that one's.
 */
export class EnvoyPropagator implements HeaderPropagator {
  readonly #headers: readonly string[]

  /** @param others the headers of the other propagators */
  constructor(others: readonly string[] = []) {
    this.#headers = HEADERS.filter((name) => !others.includes(name))
  }

  inject<Carrier>(context: Context, carrier: Carrier, setter: TextMapSetter<Carrier>): void {
    const kept = context.getValue(KEY) as readonly string[] | undefined
    if (kept === undefined || isTracingSuppressed(context)) return
    for (let i = 0; i < kept.length; i += 2) setter.set(carrier, kept[i]!, kept[i + 1]!)
  }

  extract<Carrier>(context: Context, carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
    const kept: string[] = []
    for (const name of this.#headers) {
      const value = readHeader(carrier, getter, name)
      if (value === undefined || value === '') continue
      if (value.length <= MAX_LENGTH && consistsOf(PRINTABLE, value)) kept.push(name, value)
      else countFault('envoy_header')
    }
    return kept.length === 0 ? context : context.setValue(KEY, kept)
  }

  fields(): string[] {
    return [...this.#headers]
  }
}
