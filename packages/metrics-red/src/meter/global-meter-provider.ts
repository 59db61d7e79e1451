import { warnOnce } from '@hashira/core'
import { metrics } from '@opentelemetry/api'
import { meterProvider } from './meter-provider'

/**
 * Makes {@link meterProvider} the one that `metrics.getMeter()` of `@opentelemetry/api` uses. The API has no meter that finds its
 * provider later on: an instrument that is made before any provider is there measures nothing for ever. So it is called when this
 * package is imported, too, and not only by `start()`.
 *
 * @returns whether it is ours now; not when another SDK came first, which a warning of `start()` says
 */
export function registerMeterProvider(): boolean {
  return metrics.getMeterProvider() === meterProvider || metrics.setGlobalMeterProvider(meterProvider)
}

registerMeterProvider()

/** For `start()`. */
export function requireMeterProvider(): void {
  if (registerMeterProvider()) return
  warnOnce(
    'HASHIRA_METER_NOT_REGISTERED',
    `another OpenTelemetry SDK provides the meters of this process (${metrics.getMeterProvider().constructor.name}): instruments of metrics.getMeter() go there, not to Hashira. Import Hashira before it, or make them with meterProvider of @hashira/metrics-red`,
  )
}

/** Gives back what {@link registerMeterProvider} took; instruments that were made go on. */
export function releaseMeterProvider(): void {
  if (metrics.getMeterProvider() === meterProvider) metrics.disable()
}
