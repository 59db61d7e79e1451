export { xray } from './xray-exporter'
export type { XrayOptions } from './xray-options'
