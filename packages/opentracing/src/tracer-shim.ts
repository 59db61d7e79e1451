import {
  activeContext,
  BaggageList,
  baggageOf,
  countFault,
  currentPropagator,
  rootContext,
  spanOf,
} from '@hashira/core'
import { tracerProvider } from '@hashira/tracing'
import type { Attributes, Baggage, Link, SpanOptions } from '@opentelemetry/api'
import { readCarrier, writeCarrier } from './carriers'
import { type Found, referencesOf } from './references'
import { SpanContextShim } from './span-context-shim'
import { SpanShim } from './span-shim'
import { attributesOf, kindOf, type Tags } from './tags'

const tracer = tracerProvider.getTracer('@hashira/opentracing')

/** OpenTracing's `SpanOptions`, as far as anybody may give them. */
interface StartOptions {
  readonly childOf?: unknown
  readonly references?: unknown
  readonly tags?: Tags | undefined
  readonly startTime?: number | undefined
}

/** An OpenTracing Tracer on ours. No method throws. */
export class TracerShim {
  startSpan(name: string, options: StartOptions = {}): SpanShim {
    try {
      return this.#start(name, options ?? {})
    } catch {
      countFault('opentracing')
      return new SpanShim(tracer.startSpan(name), this, undefined, {})
    }
  }

  /** Without a reference the parent is the active span: the request that the caller is in. */
  #start(name: string, { childOf, references, tags = {}, startTime }: StartOptions): SpanShim {
    const found = referencesOf(childOf, references)
    const parent = found.find(({ type }) => type === 'child_of') ?? found[0]
    const baggage = parent === undefined ? baggageOf(activeContext()) : unionOf(found)
    const base = parent === undefined ? activeContext() : parent.context.toContext(activeContext())
    const kind = kindOf(tags)
    const given: SpanOptions = {
      attributes: attributesOf(tags),
      links: found.filter((one) => one !== parent).flatMap(linkOf),
      ...(kind === undefined ? undefined : { kind }),
      ...(startTime === undefined ? undefined : { startTime }),
    }
    return new SpanShim(tracer.startSpan(name, given, base), this, baggage, tags)
  }

  inject(spanContext: unknown, format: string, carrier: unknown): void {
    try {
      const context = SpanShim.contextOf(spanContext)
      if (context === undefined) return
      const headers: Record<string, string> = {}
      currentPropagator().inject(context.toContext(), headers, {
        set(into, key, value) {
          into[key] = value
        },
      })
      writeCarrier(format, carrier, headers)
    } catch {
      countFault('opentracing')
    }
  }

  extract(format: string, carrier: unknown): SpanContextShim | null {
    try {
      const headers = readCarrier(format, carrier)
      if (headers === undefined) return null
      const context = currentPropagator().extract(rootContext, headers, {
        keys: Object.keys,
        get: (from, key) => from[key.toLowerCase()],
      })
      const baggage = baggageOf(context)
      const span = spanOf(context)
      const hasBaggage = baggage !== undefined && baggage.getAllEntries().length > 0
      return span === undefined && !hasBaggage ? null : new SpanContextShim(span, baggage)
    } catch {
      countFault('opentracing')
      return null
    }
  }
}

/** Where two say the same key, the later one wins. */
function unionOf(found: readonly Found[]): Baggage | undefined {
  let union: Baggage | undefined
  for (const { context } of found) {
    for (const [key, entry] of context.baggage?.getAllEntries() ?? [])
      union = (union ?? new BaggageList()).setEntry(key, entry)
  }
  return union
}

function linkOf({ type, context }: Found): Link[] {
  const { span } = context
  const attributes: Attributes = { 'opentracing.ref_type': type }
  return span === undefined ? [] : [{ context: span.spanContext(), attributes }]
}
