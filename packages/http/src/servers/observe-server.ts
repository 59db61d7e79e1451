import { ensureStarted, findLogger } from '../ensure-started'
import type { ObserveOptions } from '../observe-options'
import { createServerObserver } from '../server-observer'
import type { Begin, EmittingServer } from './server-events'
import { wrapEmit } from './wrap-emit'

/** The part of a ServerObserver that is asked when a server hears of a request. */
export interface EarlyObserver {
  beginEarly: Begin
}

/**
 * Observes one server of `node:http`, `https` or `http2`: a server span and RED for each request, upgrade, CONNECT and stream.
 * A framework's own `observe()` on the same server adds its routes and options to these. Starts Hashira from the environment
 * unless `start()` was called. Returns what undoes it; requests under way are observed to their end.
 *
 * @throws HashiraError HASHIRA_OPTION_INVALID, HASHIRA_OPTION_UNKNOWN, HASHIRA_REGISTRY_INVALID
 */
export function observeServer(server: EmittingServer, options?: ObserveOptions): () => void
/** For adapters: the same with an observer that they made; Hashira is not started. */
export function observeServer(server: EmittingServer, observer: EarlyObserver): () => void
export function observeServer(server: EmittingServer, given?: ObserveOptions | EarlyObserver): () => void {
  if (isObserver(given))
    return wrapEmit(server, (request, response, url) => given.beginEarly(request, response, url))
  const observer = createServerObserver('observeServer()', given, findLogger)
  ensureStarted('observeServer()')
  return wrapEmit(server, (request, response, url) => observer.beginPlain(request, response, url))
}

/** That of another installed copy as well. */
function isObserver(given: object | undefined): given is EarlyObserver {
  return typeof (given as Partial<EarlyObserver> | undefined)?.beginEarly === 'function'
}
