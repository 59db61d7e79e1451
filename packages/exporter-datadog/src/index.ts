export { datadog } from './datadog-exporter'
export type { DatadogOptions } from './datadog-options'
export { datadogSampler } from './sampling/datadog-sampler'
