import type { Context } from '@opentelemetry/api'
import { activeContext, rootContext, runInContext } from '../context'
import { extractContext, injectHeaders, type ReceivedHeaders } from './http-headers'

/** A context as plain headers, lower-case names: `{ traceparent: '00-…', baggage: '…' }`. It can be cloned, and is JSON. */
export type ContextCarrier = Record<string, string>

/**
 * `context` (default: the active one) to hand to a worker thread, a child process or a queue: what the propagator of the process
 * would send along with an HTTP request. Empty outside of a trace. Never throws.
 */
export function contextCarrier(context: Context = activeContext()): ContextCarrier {
  const carrier: ContextCarrier = {}
  injectHeaders(context, (name, value) => {
    carrier[name.toLowerCase()] = value
  })
  return carrier
}

/**
 * The other end of {@link contextCarrier}: calls `fn` in the context that was handed over, so that its spans are children of the
 * sender's, and returns what it returns. With a carrier that is missing or says nothing, `fn` runs outside of any request.
 */
export function runWithCarrier<T>(carrier: ReceivedHeaders | null | undefined, fn: () => T): T {
  return runInContext(contextOf(carrier), fn)
}

function contextOf(carrier: unknown): Context {
  if (typeof carrier !== 'object' || carrier === null) return rootContext
  return extractContext(carrier as ReceivedHeaders)
}
