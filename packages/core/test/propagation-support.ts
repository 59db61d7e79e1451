import {
  createPropagator,
  extractContext,
  injectHeaders,
  type ReceivedHeaders,
  remoteHintOf,
  rootContext,
  setPropagator,
  spanOf,
} from '@hashira/core'
import { type Context, isSpanContextValid } from '@opentelemetry/api'

/** Header names as a receiver has them: in lower case. */
export type Headers = Record<string, string>

export function use(...names: string[]): void {
  setPropagator(createPropagator(names).propagator)
}

export function sent(context: Context): Headers {
  const headers: Headers = {}
  injectHeaders(context, (name, value) => {
    headers[name.toLowerCase()] = value
  })
  return headers
}

/** What one service would send that only passes on what it got. */
export function passOn(headers: ReceivedHeaders): Headers {
  return sent(extractContext(headers))
}

export interface Seen {
  readonly traceId?: string | undefined
  readonly spanId?: string | undefined
  readonly decision?: string | undefined
}

/** The remote parent, or what stands in for one. */
export function seen(headers: ReceivedHeaders): Seen {
  return seenIn(extractContext(headers))
}

export function seenIn(context: Context): Seen {
  const span = spanOf(context)
  if (span === undefined || context === rootContext) return {}
  const hint = remoteHintOf(span)
  const { traceId, spanId, traceFlags } = span.spanContext()
  const decision = hint?.decision ?? ((traceFlags & 1) === 1 ? 'sampled' : 'not sampled')
  return isSpanContextValid(span.spanContext())
    ? { traceId, spanId, decision }
    : { traceId: hint?.traceId, decision }
}
