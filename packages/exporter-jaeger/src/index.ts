export { type JaegerOptions, jaeger } from './jaeger-exporter'
export { jaegerSampler } from './jaeger-sampler'
export type { JaegerSamplerOptions } from './sampler-options'
