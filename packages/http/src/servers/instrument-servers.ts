import { Server as HttpServer } from 'node:http'
import { Server as HttpsServer } from 'node:https'
import { Server as NetServer } from 'node:net'
import { hookIsLive, shared } from '@hashira/core'
import { findLogger } from '../ensure-started'
import type { ObserveOptions } from '../observe-options'
import { createServerObserver } from '../server-observer'
import type { Begin } from './server-events'
import { wrapEmit } from './wrap-emit'

const slot = shared<{ active: boolean }>('http.servers', () => ({ active: false }))

/**
 * Observes every server of `node:http`, `https` and `http2` in this process, those that exist already as well: a server span
 * and RED for each request, upgrade, CONNECT and stream. A framework's own `observe()` adds its routes and options to these.
 *
 * `emit` of the prototypes is replaced: a store that is bound to the channel `http.server.request.start` does not reach the
 * listeners (Node 20 to 26). Returns what undoes it; requests under way are observed to their end. While it is on, once per
 * process, a second call changes nothing.
 *
 * @throws HashiraError HASHIRA_OPTION_INVALID, HASHIRA_OPTION_UNKNOWN, HASHIRA_REGISTRY_INVALID
 */
export function instrumentServers(options?: ObserveOptions): () => void {
  if (slot.active) return () => {}
  const observer = createServerObserver('instrumentServers()', options, findLogger)
  slot.active = true
  // Servers of `http2` have no class that is exported, and loading the module to find it takes 7 ms: they are met as servers of
  // `net`, whose prototype comes last, so that the others do not pass it as well.
  const begin: Begin = (request, response, url) => observer.beginPlain(request, response, url)
  const restores = [HttpServer, HttpsServer, NetServer].map(({ prototype }) => wrapEmit(prototype, begin))
  const notLive = hookIsLive('node:http servers')
  let isOn = true
  return () => {
    if (!isOn) return
    isOn = false
    for (const restore of restores.reverse()) restore()
    notLive()
    slot.active = false
  }
}
