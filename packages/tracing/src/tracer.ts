import {
  activeContext,
  callInContext,
  countFault,
  HashiraContext,
  type InstrumentationScope,
  withSpan,
} from '@hashira/core'
import type { AttributeValue, Context, Span, SpanKind, SpanOptions } from '@opentelemetry/api'
import type { HashiraSpan } from './hashira-span'
import type { HashiraTracer } from './hashira-tracer'
import { invalidSpan } from './non-recording-span'
import { runWithSpan } from './run-with-span'
import { kindOf, startSpan } from './span-start'
import { nameOf } from './text'

/** Holds a scope and no settings: those of the process are looked up for every span. */
export class ScopedTracer implements HashiraTracer {
  readonly #scope: InstrumentationScope

  constructor(scope: InstrumentationScope) {
    this.#scope = scope
  }

  startSpan(name: string, options?: SpanOptions | null, context?: Context): HashiraSpan {
    try {
      const given = options ?? undefined
      return startSpan(this.#scope, nameOf(name), kindOf(given?.kind), usable(context), given, undefined)
    } catch {
      countFault('start_span')
      return invalidSpan
    }
  }

  startFlatSpan(
    name: string,
    kind: SpanKind,
    attributes: (string | AttributeValue)[],
    parent: Context,
    startMs?: number,
  ): HashiraSpan {
    try {
      return startSpan(this.#scope, nameOf(name), kind, parent, undefined, attributes, startMs)
    } catch {
      countFault('start_span')
      return invalidSpan
    }
  }

  startActiveSpan<F extends (span: Span) => unknown>(name: string, fn: F): ReturnType<F>
  startActiveSpan<F extends (span: Span) => unknown>(name: string, options: SpanOptions, fn: F): ReturnType<F>
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    options: SpanOptions,
    context: Context,
    fn: F,
  ): ReturnType<F>
  startActiveSpan(name: string, ...rest: unknown[]): unknown {
    const fn = rest.at(-1)
    if (typeof fn !== 'function') return notCallable()
    const parent = usable(rest.length > 2 ? rest[1] : undefined)
    const span = this.startSpan(name, rest.length > 1 ? (rest[0] as SpanOptions) : undefined, parent)
    return callInContext(contextWith(parent, span), fn as (span: Span) => unknown, span)
  }

  span<T>(name: string, fn: (span: HashiraSpan) => T): T
  span<T>(name: string, options: SpanOptions, fn: (span: HashiraSpan) => T): T
  span<T>(
    name: string,
    optionsOrFn: SpanOptions | ((span: HashiraSpan) => T),
    lastFn?: (span: HashiraSpan) => T,
  ): T {
    const fn = lastFn ?? optionsOrFn
    if (typeof fn !== 'function') return notCallable() as T
    const options = lastFn === undefined ? undefined : (optionsOrFn as SpanOptions)
    const parent = activeContext()
    return runWithSpan(this.startSpan(name, options, parent), parent, fn)
  }
}

/** `context` if it has the shape of one, else the active one. */
function usable(context: unknown): Context {
  if (context === undefined || context === null) return activeContext()
  try {
    if (context instanceof HashiraContext) return context
    const { getValue, setValue } = context as Context
    if (typeof getValue === 'function' && typeof setValue === 'function') return context as Context
  } catch {
    // Counted below.
  }
  countFault('context')
  return activeContext()
}

/** A context of somebody else's making may fail; the function must run all the same. */
function contextWith(context: Context, span: Span): Context {
  try {
    return withSpan(context, span)
  } catch {
    countFault('context')
    return withSpan(activeContext(), span)
  }
}

/** As in OpenTelemetry JS: a call without a function does nothing. */
function notCallable(): undefined {
  countFault('callback')
  return undefined
}
