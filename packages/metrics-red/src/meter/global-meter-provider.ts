import { type ApiGlobals, apiGlobals, warnOnce, watchApi } from '@hashira/core'
import { meterProvider } from './meter-provider'

let stopHolding: (() => void) | undefined

/**
 * Makes {@link meterProvider} the one that `metrics.getMeter()` of `@opentelemetry/api` uses, when this package is imported. The
 * API has no meter that finds its provider later on: an instrument that is made before any provider is there measures nothing
 * for ever, and modules make theirs before `start()` runs.
 *
 * An app may import Hashira and yet start another SDK: until `start()` the place is given to whoever asks for it.
 */
function holdPlace(): void {
  let refusedBy: ApiGlobals | undefined
  stopHolding = watchApi({
    used() {
      const globals = apiGlobals()
      if (globals?.['metrics'] !== undefined || (globals !== undefined && globals === refusedBy)) return
      // Another version of the API keeps its globals to itself.
      if (!register()) refusedBy = apiGlobals()
    },
    registering(globals) {
      if (globals['metrics'] === meterProvider) delete globals['metrics']
    },
  })
}

/** What `start()` calls: takes the place for good, or says who has it. */
export function requireMeterProvider(): void {
  stopHolding?.()
  if (isOurs() || register()) return
  warnOnce(
    'HASHIRA_METER_NOT_REGISTERED',
    `another OpenTelemetry SDK provides the meters of this process (${api().getMeterProvider().constructor.name}): instruments of metrics.getMeter() go there, not to Hashira. Start Hashira without it, or make them with meterProvider of @hashira/metrics-red`,
  )
}

/** Gives the place back. Instruments that were made go on. */
export function releaseMeterProvider(): void {
  stopHolding?.()
  if (isOurs()) api().disable()
}

function isOurs(): boolean {
  return apiGlobals()?.['metrics'] === meterProvider
}

function register(): boolean {
  return api().setGlobalMeterProvider(meterProvider)
}

/** Loaded only when it is needed: see `watchApi`. */
function api(): typeof import('@opentelemetry/api').metrics {
  return (require('@opentelemetry/api') as typeof import('@opentelemetry/api')).metrics
}

holdPlace()
