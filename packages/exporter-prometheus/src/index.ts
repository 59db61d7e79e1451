export { type MetricsHandler, metricsHandler } from './metrics-handler'
export type { PrometheusOptions } from './options'
export { prometheus } from './prometheus'
