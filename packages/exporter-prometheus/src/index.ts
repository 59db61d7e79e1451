export { type MetricsHandler, metricsHandler } from './metrics-handler'
export type { PrometheusOptions, RemoteWriteProtocol } from './options'
export { prometheus } from './prometheus'
export type { Snappy } from './snappy'
