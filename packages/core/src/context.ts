import { AsyncLocalStorage } from 'node:async_hooks'
import { type Baggage, type Context, createContextKey, type Span } from '@opentelemetry/api'
import type { Operation } from './operation'
import { shared } from './shared'

// `createContextKey` is `Symbol.for`: the same descriptions give the keys that @opentelemetry/api itself uses.
const SPAN_KEY = createContextKey('OpenTelemetry Context Key SPAN')
const BAGGAGE_KEY = createContextKey('OpenTelemetry Baggage Key')
const SUPPRESS_KEY = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')
const OPERATION_KEY = createContextKey('Hashira Operation')

type Values = ReadonlyMap<symbol, unknown>

/**
 * The one context of the process: immutable, with a field of its own for what every request has.
 *
 * It must stay small: a keep-alive socket that is opened inside a request keeps that request's context for as long as it
 * lives. So it never refers to a parent context, a request or a response, and a span in it lets its data go when it ends.
 */
export class HashiraContext implements Context {
  readonly span: Span | undefined
  readonly operation: Operation | undefined
  readonly values: Values | undefined

  constructor(span?: Span, operation?: Operation, values?: Values) {
    this.span = span
    this.operation = operation
    this.values = values
  }

  getValue(key: symbol): unknown {
    if (key === SPAN_KEY) return this.span
    if (key === OPERATION_KEY) return this.operation
    return this.values?.get(key)
  }

  setValue(key: symbol, value: unknown): HashiraContext {
    if (key === SPAN_KEY) return new HashiraContext(value as Span, this.operation, this.values)
    if (key === OPERATION_KEY) return new HashiraContext(this.span, value as Operation, this.values)
    return new HashiraContext(this.span, this.operation, new Map(this.values).set(key, value))
  }

  deleteValue(key: symbol): HashiraContext {
    if (key === SPAN_KEY) return new HashiraContext(undefined, this.operation, this.values)
    if (key === OPERATION_KEY) return new HashiraContext(this.span, undefined, this.values)
    const values = new Map(this.values)
    values.delete(key)
    return new HashiraContext(this.span, this.operation, values)
  }
}

/** The context outside of any request. */
export const rootContext: Context = new HashiraContext()

const storage = shared('context.storage', () => new AsyncLocalStorage<Context>())

/** The one storage, for what enters a context by a channel's bound store. Nobody else: contexts enter by `runInContext`. */
export function contextStorage(): AsyncLocalStorage<Context> {
  return storage
}

export function activeContext(): Context {
  return storage.getStore() ?? rootContext
}

/** Calls `fn` with `context` active, for as long as what it starts asynchronously runs. Returns what `fn` returns. */
export function runInContext<T>(context: Context, fn: () => T): T {
  return storage.run(context, fn)
}

/** The same with one argument and without a closure, for hot paths: measured by `benchmarks/`. */
export function callInContext<A, T>(context: Context, fn: (argument: A) => T, argument: A): T {
  return storage.run(context, fn, argument)
}

type Apply = <T>(fn: (...args: never[]) => T, self: unknown, args: readonly unknown[]) => T

/** The same for `fn.apply(self, args)`. */
export function applyInContext<T>(
  context: Context,
  fn: (...args: never[]) => T,
  self: unknown,
  args: readonly unknown[],
): T {
  return storage.run(context, Reflect.apply as Apply, fn, self, args) as T
}

/** The span of `context` (default: the active one); it may be a remote parent or one that does not record. */
export function spanOf(context: Context = activeContext()): Span | undefined {
  return context.getValue(SPAN_KEY) as Span | undefined
}

export function withSpan(context: Context, span: Span | undefined): Context {
  return span === undefined ? context.deleteValue(SPAN_KEY) : context.setValue(SPAN_KEY, span)
}

export function baggageOf(context: Context = activeContext()): Baggage | undefined {
  return context.getValue(BAGGAGE_KEY) as Baggage | undefined
}

export function withBaggage(context: Context, baggage: Baggage): Context {
  return context.setValue(BAGGAGE_KEY, baggage)
}

export function withoutBaggage(context: Context): Context {
  return context.deleteValue(BAGGAGE_KEY)
}

/** No spans are made and no headers injected inside a suppressed context; the key is OpenTelemetry's own. */
export function suppressTracing(context: Context): Context {
  return context.setValue(SUPPRESS_KEY, true)
}

export function isTracingSuppressed(context: Context = activeContext()): boolean {
  return context.getValue(SUPPRESS_KEY) === true
}

export function operationOf(context: Context = activeContext()): Operation | undefined {
  return context.getValue(OPERATION_KEY) as Operation | undefined
}

/** `context` with a span and the operation that it belongs to, in one step: what a server adapter enters per request. */
export function withOperation(context: Context, span: Span | undefined, operation: Operation): Context {
  if (context instanceof HashiraContext) return new HashiraContext(span, operation, context.values)
  return withSpan(context, span).setValue(OPERATION_KEY, operation)
}

/**
 * Makes `context` the active one for the rest of the current execution and what it starts. It leaks into whatever else runs there,
 * so it is for interfaces that enter and leave by hand (cls-hooked's `enter` and `exit`) and nothing else: {@link runInContext}.
 */
export function enterContext(context: Context): void {
  storage.enterWith(context)
}
