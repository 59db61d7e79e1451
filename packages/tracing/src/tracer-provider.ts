import { countFault, shared } from '@hashira/core'
import type { HashiraTracer, HashiraTracerProvider } from './hashira-tracer'
import { ScopedTracer } from './tracer'
import { VERSION } from './version'

/** Tracers kept; an app that makes up names gets a new tracer for each further one. */
const MAX_TRACERS = 1_000

class SharedTracerProvider implements HashiraTracerProvider {
  readonly #tracers = new Map<string, HashiraTracer>()

  /** Never throws. A name that is no string counts as empty (OpenTelemetry trace API, "Get a Tracer"). */
  getTracer(name: string, version?: string, options?: { schemaUrl?: string }): HashiraTracer {
    const scope = { name: textOf(name) ?? '', version: textOf(version), schemaUrl: schemaUrlOf(options) }
    const key = JSON.stringify([scope.name, scope.version, scope.schemaUrl])
    const known = this.#tracers.get(key)
    if (known !== undefined) return known
    const tracer = new ScopedTracer(scope)
    if (this.#tracers.size < MAX_TRACERS) this.#tracers.set(key, tracer)
    return tracer
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function schemaUrlOf(options: { schemaUrl?: string } | null | undefined): string | undefined {
  try {
    return textOf(options?.schemaUrl)
  } catch {
    countFault('tracer')
    return undefined
  }
}

/** Register it with `trace.setGlobalTracerProvider` (as `start()` does) or give it to an instrumentation's `setTracerProvider`. */
export const tracerProvider: HashiraTracerProvider = shared(
  'tracing.provider',
  () => new SharedTracerProvider(),
)

/** For an app's own spans. */
export const tracer: HashiraTracer = tracerProvider.getTracer('@hashira/tracing', VERSION)
