import type { AsyncLocalStorage } from 'node:async_hooks'
import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel'
import { activeContext, contextStorage, countFault, withSpan } from '@hashira/core'
import { type HashiraSpan, type HashiraTracer, tracerProvider } from '@hashira/tracing'
import type { Attributes, Context, SpanKind } from '@opentelemetry/api'

/** What a library publishes with each event of one call: the same object, to which Node adds `result` or `error`. */
export type Message = Readonly<Record<string, unknown>>

/** The span of a call, as a library's file reads it from the message. */
export interface CallSpan {
  readonly name: string
  readonly kind: SpanKind
  readonly attributes: Attributes
}

export interface TracedChannel {
  /** Of the `tracingChannel`: `mysql2:query`. */
  readonly channel: string
  /** `undefined`: no span. */
  describe(message: Message): CallSpan | undefined
  /** What the outcome adds; the error is recorded already. */
  finish?(span: HashiraSpan, message: Message): void
}

interface Call {
  readonly span: HashiraSpan
  readonly parent: Context
}

/**
 * Makes a span of every call that a library traces by a `tracingChannel` of Node. The caller's context is the parent, the call
 * itself runs with the span active, and a callback gets the caller's context back: libraries call it from their socket's.
 * Returns what ends that.
 */
export function traceChannel(library: string, traced: TracedChannel): () => void {
  const tracer = tracerProvider.getTracer(`@hashira/${library}`)
  const calls = new WeakMap<object, Call>()
  const channel = tracingChannel(traced.channel) as unknown as TracingChannel<unknown, Message>
  const storage: AsyncLocalStorage<unknown> = contextStorage()

  // `error` comes before; `end` alone is of calls that are over when they return.
  const end = (message: unknown) => finish(traced, calls, message as Message)
  const handlers = {
    start() {},
    end(message: unknown) {
      if ('result' in (message as object) || 'error' in (message as object)) end(message)
    },
    asyncStart: end,
    asyncEnd: end,
    error() {},
  }
  channel.start.bindStore(storage, (message) => begin(tracer, traced, calls, message))
  channel.asyncStart.bindStore(storage, (message) => calls.get(message)?.parent ?? activeContext())
  channel.subscribe(handlers)
  return () => {
    channel.start.unbindStore(storage)
    channel.asyncStart.unbindStore(storage)
    channel.unsubscribe(handlers)
  }
}

/** Returns the context that the call runs in. */
function begin(
  tracer: HashiraTracer,
  traced: TracedChannel,
  calls: WeakMap<object, Call>,
  message: Message,
): Context {
  const parent = activeContext()
  try {
    const call = traced.describe(message)
    if (call === undefined) return parent
    const { name, kind, attributes } = call
    const span = tracer.startSpan(name, { kind, attributes }, parent)
    calls.set(message, { span, parent })
    return withSpan(parent, span)
  } catch {
    countFault('tracing_channel')
    return parent
  }
}

function finish(traced: TracedChannel, calls: WeakMap<object, Call>, message: Message): void {
  const call = calls.get(message)
  if (call === undefined) return
  calls.delete(message)
  const { span } = call
  try {
    const error = message['error']
    if (error !== undefined && error !== null) span.fail(error, codeOf(error))
    traced.finish?.(span, message)
  } catch {
    countFault('tracing_channel')
  }
  span.end()
}

/** `ECONNREFUSED`, `ER_NO_SUCH_TABLE`: more than the class of the error says. */
function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' && code !== '' ? code : undefined
}
