import {
  type Attributes,
  type Context,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  type Span,
  type SpanContext,
  type TraceState,
} from '@opentelemetry/api'
import { isTracingSuppressed, spanOf, withSpan } from '../context'
import { ContextSpan } from './context-span'
import { isId, SPAN_ID_DIGITS, TRACE_ID_DIGITS } from './ids'

/** What the caller decided about sampling; `deferred`: it left that to whoever is called. */
export type RemoteDecision = 'sampled' | 'not sampled' | 'deferred'

/** What a caller says that a span context can't hold. It belongs to the span that is started next in its context, if that is the first one here. */
export interface RemoteHint {
  readonly decision: RemoteDecision
  /** For a span that has no parent: the trace that it begins. Default: a new one. */
  readonly traceId?: string | undefined
  /** Attributes of that span. */
  readonly attributes?: Attributes | undefined
  /** Of a span that has no parent to take it from. */
  readonly traceState?: TraceState | undefined
}

const SAMPLED = 0x01
// A registered symbol: a second copy of this package reads it as well.
const HINT = Symbol.for('hashira.remote.hint')

type Hinted = Span & { readonly [HINT]?: RemoteHint }

/** The hint that came with a remote span, or in place of one. */
export function remoteHintOf(span: Span): RemoteHint | undefined {
  return (span as Hinted)[HINT]
}

/** `span` with what came with a remote one that it stands for. */
export function withHintOf<S extends Span>(remote: Span, span: S): S {
  const hint = remoteHintOf(remote)
  return hint === undefined ? span : Object.assign(span, { [HINT]: hint })
}

/** `context` with a remote parent. The ids must be valid. */
export function withRemoteSpan(
  context: Context,
  traceId: string,
  spanId: string,
  decision: RemoteDecision,
  traceState?: TraceState | undefined,
): Context {
  const spanContext: SpanContext = {
    traceId,
    spanId,
    traceFlags: decision === 'sampled' ? SAMPLED : 0,
    isRemote: true,
    ...(traceState !== undefined && { traceState }),
  }
  return withSpan(context, remoteSpan(spanContext, decision === 'deferred' ? { decision } : undefined))
}

/** `context` for a caller that says something about the trace without being a span of it. A parent that is there already stays. */
export function withRemoteHint(context: Context, hint: RemoteHint): Context {
  const span = spanOf(context)
  if (span !== undefined && isSpanContextValid(span.spanContext())) return context
  return withSpan(context, remoteSpan({ ...INVALID_SPAN_CONTEXT, isRemote: true }, hint))
}

/** A remote span with another trace state. */
export function withTraceState(span: Span, traceState: TraceState): Span {
  return remoteSpan({ ...span.spanContext(), traceState }, remoteHintOf(span))
}

function remoteSpan(spanContext: SpanContext, hint: RemoteHint | undefined): Span {
  const span = new ContextSpan(spanContext)
  return hint === undefined ? span : Object.assign(span, { [HINT]: hint })
}

/** What is to be sent of `context`: `undefined` when it has no valid span, or tracing is suppressed. */
export interface SentSpan {
  readonly traceId: string
  readonly spanId: string
  readonly decision: RemoteDecision
  readonly traceState: TraceState | undefined
}

export function sentSpanOf(context: Context): SentSpan | undefined {
  const span = spanOf(context)
  if (span === undefined || isTracingSuppressed(context)) return undefined
  const { traceId, spanId, traceFlags, traceState } = span.spanContext()
  if (!isId(traceId, TRACE_ID_DIGITS) || !isId(spanId, SPAN_ID_DIGITS)) return undefined
  const isDeferred = remoteHintOf(span)?.decision === 'deferred'
  const decision = isDeferred ? 'deferred' : (traceFlags & SAMPLED) !== 0 ? 'sampled' : 'not sampled'
  return { traceId, spanId, decision, traceState }
}
