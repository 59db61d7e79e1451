export { type HistogramHandle, HistogramRecorder, type HistogramSettings } from './histogram-recorder'
export {
  HTTP_DURATION_BUCKETS,
  type HttpServerMetrics,
  type HttpServerMetricsSettings,
  httpClientMetrics,
  httpServerActiveRequests,
  httpServerMetrics,
} from './http-metrics'
export {
  releaseMeterProvider,
  requireMeterProvider,
} from './meter/global-meter-provider'
export type { Bindable, HashiraMeter, HashiraMeterProvider } from './meter/hashira-meter'
export { meterProvider } from './meter/meter-provider'
export type { BoundCounter, BoundRecord } from './meter/sync-instruments'
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
export { configureMetrics, type MetricsSettings } from './views/configure-metrics'
export type { InstrumentType, MetricView } from './views/metric-view'
