import { shared } from '@hashira/core'
import { checkViews } from './check-views'
import type { MetricView } from './metric-view'

export interface MetricsSettings {
  /** Default none. */
  readonly views?: readonly MetricView[] | undefined
  /**
   * Default true. While it is false, instruments of the OpenTelemetry API measure nothing (`OTEL_SDK_DISABLED`); Hashira's own
   * recorders and the app's registry go on.
   */
  readonly enabled?: boolean | undefined
}

interface MetricsState {
  views: readonly MetricView[]
  enabled: boolean
  readonly watchers: Set<() => void>
}

export const metricsState = shared<MetricsState>('metrics-red.settings', () => ({
  views: [],
  enabled: true,
  watchers: new Set(),
}))

/**
 * Decides what becomes of measurements, for the whole process; `start({ views })` calls it. Settings that are left out go back to
 * their default.
 *
 * Instruments of the OpenTelemetry API that exist already follow: sums and last values move, histograms whose buckets change begin
 * anew. Hashira's own recorders take the views that hold when they are made; those for HTTP are made at the first
 * request.
 *
 * @param owner for messages
 * @throws HashiraError HASHIRA_OPTION_INVALID, HASHIRA_OPTION_UNKNOWN
 */
export function configureMetrics(settings: MetricsSettings = {}, owner = 'configureMetrics()'): void {
  const { views, watchers } = metricsState
  metricsState.views = settings.views === undefined ? [] : [...checkViews(owner, settings.views)]
  const enabled = settings.enabled ?? true
  const isSame = enabled === metricsState.enabled && views.length === 0 && metricsState.views.length === 0
  metricsState.enabled = enabled
  if (isSame) return
  for (const changed of watchers) changed()
}
