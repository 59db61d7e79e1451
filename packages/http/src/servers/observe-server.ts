import { ensureStarted, findLogger } from '../ensure-started'
import type { ObserveOptions } from '../observe-options'
import { createServerObserver, type ServerObserver } from '../server-observer'
import type { EmittingServer } from './server-events'
import { wrapEmit } from './wrap-emit'

// biome-ignore lint/suspicious/noExplicitAny: of whichever framework
type AnyObserver = ServerObserver<any, any>

/**
 * Observes one server of `node:http`, `https` or `http2`: a server span and RED for each request, upgrade, CONNECT and stream.
 * A framework's own `observe()` on the same server adds its routes and options to these. Starts Hashira from the environment
 * unless `start()` was called. Returns what undoes it; requests under way are observed to their end.
 *
 * @throws HashiraError HASHIRA_OPTION_INVALID, HASHIRA_OPTION_UNKNOWN, HASHIRA_REGISTRY_INVALID
 */
export function observeServer(server: EmittingServer, options?: ObserveOptions): () => void
/** For adapters: the same with an observer that they made; Hashira is not started. */
export function observeServer<Request, Response>(
  server: EmittingServer,
  observer: ServerObserver<Request, Response>,
): () => void
export function observeServer(server: EmittingServer, given?: ObserveOptions | AnyObserver): () => void {
  if (isObserver(given)) return wrapEmit(server, given.beginEarly.bind(given))
  const observer = createServerObserver('observeServer()', given, findLogger)
  ensureStarted('observeServer()')
  return wrapEmit(server, observer.beginPlain.bind(observer))
}

/** That of another installed copy as well. */
function isObserver(given: object | undefined): given is AnyObserver {
  return typeof (given as Partial<AnyObserver> | undefined)?.beginEarly === 'function'
}
