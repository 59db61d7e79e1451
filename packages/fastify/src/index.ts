export type { IgnoreEntry, LabelSource, LabelValue, ObserveOptions } from '@hashira/http'
export type { ReplyLike as ObservedReply, RequestLike as ObservedRequest } from './fastify-like'
export {
  type FastifyObserveOptions,
  type Observe,
  observe,
  observe as default,
  observeByDefault,
  type Plugin,
} from './observe'
export type { RouteObservation } from './route-config'
