export type { IgnoreEntry, LabelSource, LabelValue, ObserveOptions } from '@hashira/http'
export {
  type ExpressObserveOptions,
  type Middleware,
  type Observe,
  type ObservedRequest,
  observe,
} from './observe'
export { isExpressApp, observeApp } from './observe-app'
