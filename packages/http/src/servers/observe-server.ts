import { ensureStarted, findLogger } from '../ensure-started'
import type { ObserveOptions } from '../observe-options'
import { createServerObserver } from '../server-observer'
import type { EmittingServer } from './server-events'
import { wrapEmit } from './wrap-emit'

/**
 * Observes one server of `node:http`, `https` or `http2`: a server span and RED for each request, upgrade, CONNECT and stream.
 * A framework's own `observe()` on the same server adds its routes and options to these. Starts Hashira from the environment
 * unless `start()` was called. Returns what undoes it; requests under way are observed to their end.
 *
 * @throws HashiraError HASHIRA_OPTION_INVALID, HASHIRA_OPTION_UNKNOWN, HASHIRA_REGISTRY_INVALID
 */
export function observeServer(server: EmittingServer, options?: ObserveOptions): () => void {
  const observer = createServerObserver('observeServer()', options, findLogger)
  ensureStarted('observeServer()')
  return wrapEmit(server, observer)
}
