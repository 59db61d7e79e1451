import { warnOnce } from '@hashira/core'
import { metrics } from '@opentelemetry/api'
import { meterProvider } from './meter-provider'

type SetProvider = typeof metrics.setGlobalMeterProvider

/**
 * Makes {@link meterProvider} the one that `metrics.getMeter()` of `@opentelemetry/api` uses, when this package is imported. The
 * API has no meter that finds its provider later on: an instrument that is made before any provider is there measures nothing
 * for ever, and modules make theirs before `start()` runs.
 *
 * An app may import Hashira and yet start another SDK: until `start()` the place is given to whoever asks for it.
 */
function holdPlace(): void {
  if (isOurs() || !metrics.setGlobalMeterProvider(meterProvider)) return
  const yielding: SetProvider = (provider) => {
    stopYielding()
    if (provider === meterProvider) return true
    releaseMeterProvider()
    return metrics.setGlobalMeterProvider(provider)
  }
  metrics.setGlobalMeterProvider = yielding
}

/** The method of the API's prototype is in force again. */
function stopYielding(): void {
  if (Object.hasOwn(metrics, 'setGlobalMeterProvider'))
    delete (metrics as { setGlobalMeterProvider?: SetProvider }).setGlobalMeterProvider
}

/** What `start()` calls: takes the place for good, or says who has it. */
export function requireMeterProvider(): void {
  stopYielding()
  if (isOurs() || metrics.setGlobalMeterProvider(meterProvider)) return
  warnOnce(
    'HASHIRA_METER_NOT_REGISTERED',
    `another OpenTelemetry SDK provides the meters of this process (${metrics.getMeterProvider().constructor.name}): instruments of metrics.getMeter() go there, not to Hashira. Start Hashira without it, or make them with meterProvider of @hashira/metrics-red`,
  )
}

/** Gives the place back. Instruments that were made go on. */
export function releaseMeterProvider(): void {
  stopYielding()
  if (isOurs()) metrics.disable()
}

function isOurs(): boolean {
  return metrics.getMeterProvider() === meterProvider
}

holdPlace()
