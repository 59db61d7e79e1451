import { hookIsLive, shared } from '@hashira/core'
import { observeNodeHttp } from './node-http-calls'
import { OutgoingCalls } from './outgoing-calls'
import type { OutgoingOptions } from './outgoing-options'
import { OutgoingPolicy } from './outgoing-policy'
import { observeUndici } from './undici-channels'

export type { OutgoingOptions }

const slot = shared<{ active: boolean }>('http.outgoing', () => ({ active: false }))

/**
 * Observes the calls that this process makes with undici 5 to 8, `fetch`, `node:http` and `node:https`: a client span and
 * `http.client.request.duration` each (OpenTelemetry HTTP conventions), and trace context sent along.
 *
 * Returns what undoes it: everything is as before then, and calls whose bodies are still open end as of their headers. While
 * it is on, once per process, a second call changes nothing. It never throws into a call.
 */
export function instrumentOutgoing(options: OutgoingOptions = {}): () => void {
  if (slot.active) return () => {}
  slot.active = true
  const calls = new OutgoingCalls(new OutgoingPolicy(options))
  const stops = [
    observeUndici(calls),
    observeNodeHttp(calls),
    hookIsLive('fetch, undici'),
    hookIsLive('node:http calls'),
  ]
  let stopped = false
  return () => {
    if (stopped) return
    stopped = true
    for (const stop of stops) stop()
    calls.bodies.settleAll()
    slot.active = false
  }
}
