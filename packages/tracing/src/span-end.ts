import { countFault, ignoreRejection, type SpanObserver } from '@hashira/core'
import { SamplingDecision } from '@opentelemetry/api'
import type { LocalTrace } from './local-trace'
import { feedSinks, refuseFor } from './sinks'
import { countEnded } from './span-counts'
import type { SpanData } from './span-data'
import { type ActiveTracing, tracing } from './tracing-state'

/**
 * Counts an ended span, and while tracing is still on gives it to the hook, the observers, and, if it is sampled, the
 * processors and sinks. One that is not sampled waits with `trace` for the tail keeper, if there is one. Never throws.
 */
export function handOver(data: SpanData, decision: SamplingDecision, trace: LocalTrace | undefined): void {
  countEnded(decision)
  const { active } = tracing
  if (active === undefined) return
  const sampled = decision === SamplingDecision.RECORD_AND_SAMPLED
  if (!sampled && !active.usesUnsampled) return
  const refusal = active.onSpanEnd === undefined ? undefined : refusalByHook(active, data)
  if (refusal === undefined && active.observers.length > 0) observeAll(active.observers, data, sampled)
  if (sampled) deliver(active, data, refusal)
  else if (trace !== undefined) active.tail?.ended(trace, data, refusal)
  else if (refusal === undefined) active.processors?.ended(data)
}

function deliver(active: ActiveTracing, data: SpanData, refusal: string | undefined): void {
  if (refusal === undefined) active.processors?.ended(data)
  feedSinks(active.sinks, data, refusal)
}

/** Counts a span that was taken back before its end; nobody gets it. Never throws. */
export function discard(
  data: SpanData,
  decision: SamplingDecision,
  trace: LocalTrace | undefined,
  reason: string,
): void {
  countEnded(decision)
  const { active } = tracing
  if (active === undefined) return
  if (decision === SamplingDecision.RECORD_AND_SAMPLED) refuseFor(active.sinks, reason)
  else if (trace !== undefined) active.tail?.discarded(trace, data.spanId, reason)
}

function observeAll(observers: readonly SpanObserver[], data: SpanData, sampled: boolean): void {
  for (const observer of observers) observe(observer, data, sampled)
}

function observe(observer: SpanObserver, data: SpanData, sampled: boolean): void {
  try {
    ignoreRejection(observer.onEnd(data, sampled), 'span_observer')
  } catch {
    countFault('span_observer')
  }
}

function refusalByHook(active: ActiveTracing, data: SpanData): string | undefined {
  try {
    const result = active.onSpanEnd!(data)
    if (result === false) return 'hook'
    if (!isThenable(result)) return undefined
    // Too late for whatever it redacts; and its rejection must not become the app's unhandled one.
    result.then(undefined, ignore)
  } catch {
    // Counted below.
  }
  countFault('hook')
  return 'hook_error'
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  )
}

function ignore(): void {}
