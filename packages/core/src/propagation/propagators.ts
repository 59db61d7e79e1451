import type { TextMapPropagator } from '@opentelemetry/api'
import { CompositePropagator } from './composite-propagator'
import { W3cBaggagePropagator } from './w3c-baggage-propagator'
import { W3cTraceContextPropagator } from './w3c-trace-context-propagator'

/** By their names in `OTEL_PROPAGATORS`. */
const PROPAGATORS: ReadonlyMap<string, () => TextMapPropagator> = new Map([
  ['tracecontext', () => new W3cTraceContextPropagator()],
  ['baggage', () => new W3cBaggagePropagator()],
])

/** `OTEL_PROPAGATORS` when it is not set. */
export const DEFAULT_PROPAGATORS: readonly string[] = ['tracecontext', 'baggage']

/** What {@link createPropagator} knows, `none` included. */
export const PROPAGATOR_NAMES: readonly string[] = [...PROPAGATORS.keys(), 'none']

export interface CreatedPropagator {
  readonly propagator: TextMapPropagator
  /** Names that are not in {@link PROPAGATOR_NAMES}; they are left out. */
  readonly unknown: readonly string[]
}

/** One propagator for the names of `OTEL_PROPAGATORS`, in their order, each once. `none` among them means none at all. */
export function createPropagator(names: readonly string[]): CreatedPropagator {
  const unique = [...new Set(names)]
  const unknown = unique.filter((name) => !PROPAGATOR_NAMES.includes(name))
  const wanted = unique.includes('none') ? [] : unique
  const propagators = wanted.flatMap((name) => PROPAGATORS.get(name)?.() ?? [])
  return { propagator: new CompositePropagator(propagators), unknown }
}
