import { currentPropagator, extractContext, rootContext, spanOf, XrayPropagator } from '@hashira/core'
import { type Context, isSpanContextValid, type Link, type SpanContext, TraceFlags } from '@opentelemetry/api'

const HEADER = 'x-amzn-trace-id'
const xray = new XrayPropagator()
const getter = {
  keys: (carrier: Readonly<Record<string, string>>) => Object.keys(carrier),
  get: (carrier: Readonly<Record<string, string>>, name: string) => carrier[name],
}

/** What an invocation goes on from. */
export interface Parent {
  readonly context: Context
  /** The span that X-Ray has for the invocation, where `OTEL_PROPAGATORS` does not make it the parent. */
  readonly links: readonly Link[]
}

/**
 * The event's headers say who called, X-Ray's header what Lambda itself made of that. It is the parent if `xray` is among
 * `OTEL_PROPAGATORS`, unless the headers lead into another trace. Otherwise it is a link, if X-Ray keeps that trace.
 */
export function parentOf(
  headers: Readonly<Record<string, string>> | undefined,
  traceHeader: string | undefined,
): Parent {
  const fromHeaders = headers === undefined ? rootContext : extractContext(headers)
  if (traceHeader === undefined) return { context: fromHeaders, links: [] }
  const fromXray = xray.extract(rootContext, { [HEADER]: traceHeader }, getter)
  const invoked = validSpan(fromXray)
  if (!currentPropagator().fields().includes(HEADER)) {
    const isKept = invoked !== undefined && (invoked.traceFlags & TraceFlags.SAMPLED) !== 0
    return { context: fromHeaders, links: isKept ? [{ context: invoked }] : [] }
  }
  const called = validSpan(fromHeaders)
  if (called === undefined)
    return { context: invoked === undefined && headers ? fromHeaders : fromXray, links: [] }
  return { context: invoked?.traceId === called.traceId ? fromXray : fromHeaders, links: [] }
}

/** A record's sender. X-Ray's header is understood whatever the propagators are: a link decides nothing. */
export function linkFrom(carrier: Readonly<Record<string, string>>): Link | undefined {
  const context = validSpan(extractContext(carrier)) ?? validSpan(xray.extract(rootContext, carrier, getter))
  return context === undefined ? undefined : { context }
}

function validSpan(context: Context): SpanContext | undefined {
  const span = spanOf(context)?.spanContext()
  return span !== undefined && isSpanContextValid(span) ? span : undefined
}
