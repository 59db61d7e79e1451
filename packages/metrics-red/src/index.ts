export type { HistogramHandle } from './histogram-handle'
export { HistogramRecorder, type HistogramSettings } from './histogram-recorder'
export {
  HTTP_DURATION_BUCKETS,
  type HttpServerMetrics,
  type HttpServerMetricsSettings,
  httpClientMetrics,
  httpServerMetrics,
} from './http-metrics'
export {
  type CounterHandle,
  CounterRecorder,
  type GaugeHandle,
  GaugeRecorder,
  type NumberSettings,
  type UpDownCounterHandle,
  UpDownCounterRecorder,
} from './number-recorder'
export { type Observation, ObservedMetric, type ObservedSettings } from './observed-metric'
export { addRecorder, type Recorder, redMetricSource } from './recorder'
export { registry } from './registry'
export type { RegistryLike } from './registry-like'
export { registrySource } from './registry-source'
export { startSaturation } from './saturation'
export type { LabelValue, LabelValues } from './series-table'
export { useRegistry } from './use-registry'
