import { baggageOf, headerFamily, injectHeaders, withoutBaggage } from '@hashira/core'
import type { Context } from '@opentelemetry/api'

/** Headers that carry a context: alternating names (lower case) and values. */
export type TraceHeaders = readonly string[]

let collected: string[] = []
const collect = (name: string, value: string): void => {
  const lower = name.toLowerCase()
  for (let i = 0; i < collected.length; i += 2) {
    // Two propagators may send the same header (Datadog and OT-trace their baggage).
    if (collected[i] === lower) {
      collected[i + 1] = value
      return
    }
  }
  collected.push(lower, value)
}

/** What to send along to a host: all that the propagators say, without baggage where it may not go. */
export function traceHeaders(context: Context, withBaggage: boolean): TraceHeaders {
  collected = []
  const hide = !withBaggage && baggageOf(context) !== undefined
  injectHeaders(hide ? withoutBaggage(context) : context, collect)
  return collected
}

/** Whether a header that the app set itself has to go: it would be sent twice, or it is of another span than the one that is sent. */
export function isReplaced(headers: TraceHeaders, name: string): boolean {
  const lower = name.toLowerCase()
  const family = headerFamily(lower)
  for (let i = 0; i < headers.length; i += 2) {
    const ours = headers[i]!
    if (ours === lower || (family !== undefined && headerFamily(ours) === family)) return true
  }
  return false
}
