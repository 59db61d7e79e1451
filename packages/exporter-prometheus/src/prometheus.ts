import { type Exporter, resolveOptions } from '@hashira/core'
import { PrometheusListener } from './listener'
import { PROMETHEUS_OPTIONS, type PrometheusOptions } from './options'

/**
 * Metrics for Prometheus, served at http://localhost:9464/metrics unless told otherwise.
 *
 * @throws HashiraError HASHIRA_OPTION_INVALID, HASHIRA_OPTION_UNKNOWN
 */
export function prometheus(options?: PrometheusOptions): Exporter {
  const { values } = resolveOptions('prometheus()', PROMETHEUS_OPTIONS, options, process.env)
  return { name: 'prometheus', metrics: new PrometheusListener(values) }
}
