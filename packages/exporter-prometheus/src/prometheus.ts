import { type Exporter, type PullMetrics, type PushMetrics, resolveOptions } from '@hashira/core'
import { PrometheusListener } from './listener'
import { PROMETHEUS_OPTIONS, type PrometheusOptions } from './options'
import { PushgatewayMetrics } from './pushgateway/pushgateway'
import { RemoteWriteMetrics } from './remote-write/remote-write'

/**
 * Metrics for Prometheus, served at http://localhost:9464/metrics unless told otherwise; and pushed to a Pushgateway or a remote
 * write receiver where one is given.
 *
 * @throws HashiraError HASHIRA_OPTION_INVALID, HASHIRA_OPTION_UNKNOWN; HASHIRA_DEPENDENCY_MISSING for remote write without snappyjs
 */
export function prometheus(options?: PrometheusOptions): Exporter {
  const { values } = resolveOptions('prometheus()', PROMETHEUS_OPTIONS, options, process.env)
  const { pushgatewayUrl, remoteWriteUrl, port } = values
  const pushes: PushMetrics[] = [
    ...(pushgatewayUrl === undefined ? [] : [new PushgatewayMetrics(pushgatewayUrl, values)]),
    ...(remoteWriteUrl === undefined ? [] : [new RemoteWriteMetrics(remoteWriteUrl, values)]),
  ]
  const listener: PullMetrics = new PrometheusListener(values)
  if (pushes.length === 0) return { name: 'prometheus', metrics: listener }
  return { name: 'prometheus', metrics: port === 'none' ? pushes : [listener, ...pushes] }
}
