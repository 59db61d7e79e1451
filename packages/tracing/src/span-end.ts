import { countFault, ignoreRejection, type SpanObserver, type SpanSink } from '@hashira/core'
import { SamplingDecision } from '@opentelemetry/api'
import { countEnded } from './span-counts'
import type { SpanData } from './span-data'
import { type ActiveTracing, tracing } from './tracing-state'

/**
 * Counts an ended span, and while tracing is still on gives it to the hook, the observers and, if it is sampled, the sinks.
 * Never throws.
 */
export function handOver(data: SpanData, decision: SamplingDecision): void {
  countEnded(decision)
  const { active } = tracing
  const sampled = decision === SamplingDecision.RECORD_AND_SAMPLED
  if (active === undefined || (!sampled && active.observers.length === 0)) return
  const refusal = active.onSpanEnd === undefined ? undefined : refusalByHook(active, data)
  if (refusal === undefined) for (const observer of active.observers) observe(observer, data, sampled)
  if (!sampled) return
  for (let i = 0; i < active.sinks.length; i++) feed(active.sinks[i]!, data, refusal)
}

/** Counts a span that ended and that nobody gets. Never throws. */
export function refuse(decision: SamplingDecision, reason: string): void {
  countEnded(decision)
  const { active } = tracing
  if (active === undefined || decision !== SamplingDecision.RECORD_AND_SAMPLED) return
  for (const sink of active.sinks) {
    try {
      sink.refuse(reason)
    } catch {
      countFault('sink')
    }
  }
}

function observe(observer: SpanObserver, data: SpanData, sampled: boolean): void {
  try {
    ignoreRejection(observer.onEnd(data, sampled), 'span_observer')
  } catch {
    countFault('span_observer')
  }
}

function feed(sink: SpanSink, data: SpanData, refusal: string | undefined): void {
  try {
    if (refusal === undefined) sink.append(data)
    else sink.refuse(refusal)
  } catch {
    countFault('sink')
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
