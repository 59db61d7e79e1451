import { countFault, shared, warnOnce } from '@hashira/core'
import type { MeterOptions } from '@opentelemetry/api'
import type { HashiraMeter, HashiraMeterProvider } from './hashira-meter'
import { InstrumentRegistry } from './instrument-registry'
import { ScopedMeter } from './meter'
import { ObservationRounds } from './observation-rounds'

/** Beyond it names are made up by an app, and further ones share one meter. */
const MAX_METERS = 1_000

class SharedMeterProvider implements HashiraMeterProvider {
  readonly #meters = new Map<string, HashiraMeter>()
  readonly #registry = new InstrumentRegistry()
  readonly #rounds = new ObservationRounds()

  /** Never throws. A name that is no text counts as empty (OpenTelemetry metrics API, "Get a Meter"). */
  getMeter(name: string, version?: string, options?: MeterOptions): HashiraMeter {
    const scope = { name: textOf(name) ?? '', version: textOf(version), schemaUrl: schemaUrlOf(options) }
    const key = JSON.stringify([scope.name, scope.version, scope.schemaUrl])
    const known = this.#meters.get(key)
    if (known !== undefined) return known
    if (this.#meters.size >= MAX_METERS) return this.#overflow()
    const meter = new ScopedMeter(scope, this.#registry, this.#rounds)
    this.#meters.set(key, meter)
    return meter
  }

  #overflow(): HashiraMeter {
    warnOnce(
      'HASHIRA_INSTRUMENT_INVALID',
      `there are ${MAX_METERS} meters, the most there may be; instruments of further ones belong to the meter "overflow"`,
    )
    const scope = { name: 'overflow', version: undefined, schemaUrl: undefined }
    const meter = this.#meters.get('') ?? new ScopedMeter(scope, this.#registry, this.#rounds)
    this.#meters.set('', meter)
    return meter
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function schemaUrlOf(options: MeterOptions | null | undefined): string | undefined {
  try {
    return textOf(options?.schemaUrl)
  } catch {
    countFault('meter')
    return undefined
  }
}

/**
 * For the instruments of the OpenTelemetry API. It is the global provider of `@opentelemetry/api` from the import of this package
 * on, unless another one was there before.
 */
export const meterProvider: HashiraMeterProvider = shared(
  'metrics-red.meter-provider',
  () => new SharedMeterProvider(),
)
