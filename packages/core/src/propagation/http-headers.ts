import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api'
import { rootContext } from '../context'
import { countFault } from '../diagnostics'
import { shared } from '../shared'
import type { HeaderPropagator } from './header-propagator'
import { createPropagator, DEFAULT_PROPAGATORS } from './propagators'

/** Headers as `node:http` gives them: lower-case names. */
export type ReceivedHeaders = Readonly<Record<string, string | string[] | undefined>>
export type SetHeader = (name: string, value: string) => void

interface Propagation {
  propagator: TextMapPropagator
  fields: readonly string[]
  /** By the length of a name: whether a field has it. */
  lengths: readonly boolean[]
  /** Beginnings of names, for what `fields` can't list. */
  prefixes: readonly string[]
  /** Header name to what it belongs to. */
  families: ReadonlyMap<string, number>
}

const propagation = shared<Propagation>('propagation', () =>
  described(createPropagator(DEFAULT_PROPAGATORS).propagator),
)

function described(propagator: HeaderPropagator): Propagation {
  const families = new Map<string, number>()
  for (const [index, family] of (propagator.families ?? []).entries()) {
    for (const name of family) families.set(name.toLowerCase(), index)
  }
  const fields = propagator.fields().map((name) => name.toLowerCase())
  const lengths = Array.from({ length: 64 }, (_, length) => fields.some((name) => name.length === length))
  return { propagator, fields, lengths, prefixes: propagator.prefixes ?? [], families }
}

const getter: TextMapGetter<ReceivedHeaders> = {
  keys: (headers) => Object.keys(headers),
  get: (headers, name) => headers[name] ?? headers[name.toLowerCase()],
}

// The carrier is the function that sets a header: no closure per call.
const setter: TextMapSetter<SetHeader> = { set: (set, name, value) => set(name, value) }

/** The propagator of the process, for Hashira's own requests; default W3C Trace Context and Baggage. */
export function setPropagator(propagator: TextMapPropagator): void {
  Object.assign(propagation, described(propagator))
}

export function currentPropagator(): TextMapPropagator {
  return propagation.propagator
}

/**
 * The context of a received request: `parent` (default: the root) with the remote span and the baggage of its headers. Never
 * throws. Without any of the propagator's headers nothing is done.
 */
export function extractContext(headers: ReceivedHeaders, parent: Context = rootContext): Context {
  const { fields, prefixes } = propagation
  for (let i = 0; i < fields.length; i++) {
    if (headers[fields[i]!] !== undefined) return extract(headers, parent)
  }
  return prefixes.length > 0 && hasPrefixed(headers, prefixes) ? extract(headers, parent) : parent
}

function hasPrefixed(headers: ReceivedHeaders, prefixes: readonly string[]): boolean {
  for (const name in headers) for (const prefix of prefixes) if (name.startsWith(prefix)) return true
  return false
}

/**
 * Whether {@link extractContext} may find anything in the headers that `rawHeaders` of a request lists, names and values in turn:
 * so that `headers`, which node makes of them when it is asked, need not be made for nothing.
 */
export function carriesContext(rawHeaders: readonly string[]): boolean {
  const { fields, lengths, prefixes } = propagation
  if (prefixes.length > 0) return true
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (lengths[name.length] !== false && fields.includes(name.toLowerCase())) return true
  }
  return false
}

/**
 * What `name` (lower case) belongs to: headers of one family say one thing together (`traceparent` and `tracestate`, the five of
 * Datadog). When one of them is set on a request, another one that was there already is of somebody else's span.
 */
export function headerFamily(name: string): number | undefined {
  return propagation.families.get(name)
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
