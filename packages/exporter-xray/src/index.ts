export type { XraySamplerOptions } from './sampler/sampler-options'
export { xraySampler } from './sampler/xray-sampler'
export { xray } from './xray-exporter'
export type { XrayOptions } from './xray-options'
