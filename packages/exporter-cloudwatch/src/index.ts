export { cloudwatch } from './cloudwatch-exporter'
export { type CloudWatchOptions, cloudWatchOptionTable } from './cloudwatch-options'
export { DEFAULT_DIMENSIONS, type DimensionSets, type Dimensions } from './dimension-sets'
export type { Way } from './ways/choose-way'
