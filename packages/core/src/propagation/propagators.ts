import type { TextMapPropagator } from '@opentelemetry/api'
import { B3Propagator } from './b3-propagator'
import { CompositePropagator } from './composite-propagator'
import { DatadogPropagator } from './datadog-propagator'
import { EnvoyPropagator } from './envoy-propagator'
import { FirstTracePropagator, type NamedPropagator } from './first-trace-propagator'
import { JaegerPropagator } from './jaeger-propagator'
import { OtTracePropagator } from './ot-trace-propagator'
import { W3cBaggagePropagator } from './w3c-baggage-propagator'
import { W3cTraceContextPropagator } from './w3c-trace-context-propagator'
import { XrayPropagator } from './xray-propagator'

/** By their names in `OTEL_PROPAGATORS`. `others`: the headers of those that were chosen beside it. */
const PROPAGATORS: ReadonlyMap<string, (others: readonly string[]) => TextMapPropagator> = new Map<
  string,
  (others: readonly string[]) => TextMapPropagator
>([
  ['tracecontext', () => new W3cTraceContextPropagator()],
  ['baggage', () => new W3cBaggagePropagator()],
  ['b3', () => new B3Propagator('single')],
  ['b3multi', () => new B3Propagator('multi')],
  ['jaeger', () => new JaegerPropagator()],
  ['xray', () => new XrayPropagator()],
  ['datadog', () => new DatadogPropagator()],
  ['ottrace', () => new OtTracePropagator()],
  ['envoy', (others) => new EnvoyPropagator(others)],
])

/** `OTEL_PROPAGATORS` when it is not set. */
export const DEFAULT_PROPAGATORS: readonly string[] = ['tracecontext', 'baggage']

/** What {@link createPropagator} knows, `none` included. */
export const PROPAGATOR_NAMES: readonly string[] = [...PROPAGATORS.keys(), 'none']

/** These find different things, so there is nothing to arbitrate. */
const DISJOINT: ReadonlySet<string> = new Set(['tracecontext', 'baggage', 'envoy'])

export interface CreatedPropagator {
  readonly propagator: TextMapPropagator
  /** Names that are not in {@link PROPAGATOR_NAMES}; they are left out. */
  readonly unknown: readonly string[]
}

/** One propagator for the names of `OTEL_PROPAGATORS`, in their order, each once. `none` among them means none at all. */
export function createPropagator(names: readonly string[]): CreatedPropagator {
  const unique = [...new Set(names)]
  const unknown = unique.filter((name) => !PROPAGATOR_NAMES.includes(name))
  const wanted = unique.includes('none') ? [] : unique.filter((name) => PROPAGATORS.has(name))
  const named = wanted.map((name) => create(name, wanted))
  const propagator = wanted.every((name) => DISJOINT.has(name))
    ? new CompositePropagator(named.map(({ propagator }) => propagator))
    : new FirstTracePropagator(named)
  return { propagator, unknown }
}

function create(name: string, wanted: readonly string[]): NamedPropagator {
  const others = wanted.filter((other) => other !== name && other !== 'envoy')
  const headers = name === 'envoy' ? others.flatMap((other) => PROPAGATORS.get(other)!([]).fields()) : []
  return { name, propagator: PROPAGATORS.get(name)!(headers) }
}
