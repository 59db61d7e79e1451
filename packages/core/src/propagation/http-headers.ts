import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api'
import { rootContext } from '../context'
import { countFault } from '../diagnostics'
import { shared } from '../shared'
import { createPropagator, DEFAULT_PROPAGATORS } from './propagators'

/** Headers as `node:http` gives them: lower-case names. */
export type ReceivedHeaders = Readonly<Record<string, string | string[] | undefined>>
export type SetHeader = (name: string, value: string) => void

interface Propagation {
  propagator: TextMapPropagator
  fields: readonly string[]
}

const propagation = shared<Propagation>('propagation', () => {
  const { propagator } = createPropagator(DEFAULT_PROPAGATORS)
  return { propagator, fields: fieldsOf(propagator) }
})

function fieldsOf(propagator: TextMapPropagator): string[] {
  return propagator.fields().map((name) => name.toLowerCase())
}

const getter: TextMapGetter<ReceivedHeaders> = {
  keys: (headers) => Object.keys(headers),
  get: (headers, name) => headers[name] ?? headers[name.toLowerCase()],
}

// The carrier is the function that sets a header: no closure per call.
const setter: TextMapSetter<SetHeader> = { set: (set, name, value) => set(name, value) }

/** The propagator of the process, for Hashira's own requests; default W3C Trace Context and Baggage. */
export function setPropagator(propagator: TextMapPropagator): void {
  propagation.fields = fieldsOf(propagator)
  propagation.propagator = propagator
}

export function currentPropagator(): TextMapPropagator {
  return propagation.propagator
}

/**
 * The context of a received request: `parent` (default: the root) with the remote span and the baggage of its headers. Never
 * throws. Without any of the propagator's headers nothing is done.
 */
export function extractContext(headers: ReceivedHeaders, parent: Context = rootContext): Context {
  const { fields } = propagation
  for (let i = 0; i < fields.length; i++) {
    if (headers[fields[i]!] !== undefined) return extract(headers, parent)
  }
  return parent
}

function extract(headers: ReceivedHeaders, parent: Context): Context {
  try {
    return propagation.propagator.extract(parent, headers, getter)
  } catch {
    countFault('propagator')
    return parent
  }
}

/** Calls `set` for each header that carries `context` to another service: none if tracing is suppressed. Never throws. */
export function injectHeaders(context: Context, set: SetHeader): void {
  try {
    propagation.propagator.inject(context, set, setter)
  } catch {
    countFault('propagator')
  }
}
