import { openOperations, operationOf, shared } from '@hashira/core'
import { type Context, SamplingDecision, type SpanContext, SpanKind } from '@opentelemetry/api'

/** Values of `otel.span.parent.origin` in the order of the counters. */
export const PARENT_ORIGINS = ['none', 'local', 'remote'] as const
/** Values of `otel.span.sampling_result`, by SamplingDecision. */
export const SAMPLING_RESULTS = ['DROP', 'RECORD_ONLY', 'RECORD_AND_SAMPLE'] as const

const ORIGINS = PARENT_ORIGINS.length

export interface SpanCounters {
  /** By `decision * ORIGINS + origin`. */
  readonly started: number[]
  /** By decision. */
  readonly ended: number[]
  /** Roots that may have lost their request. */
  orphaned: number
  readonly startTimeUnixMs: number
}

export const counters = shared<SpanCounters>('tracing.counts', () => ({
  started: new Array<number>(SAMPLING_RESULTS.length * ORIGINS).fill(0),
  ended: new Array<number>(SAMPLING_RESULTS.length).fill(0),
  orphaned: 0,
  startTimeUnixMs: Date.now(),
}))

export function countStarted(decision: SamplingDecision, parent: SpanContext | undefined): void {
  const origin = parent === undefined ? 0 : parent.isRemote === true ? 2 : 1
  const index = decision * ORIGINS + origin
  counters.started[index] = counters.started[index]! + 1
}

/**
 * Counts a root that may have lost its request: one that began, not by `root: true`, as no server's or consumer's span, while an
 * operation of this process was under way and none was in its context. What an app does beside its requests (a timer of its own)
 * is counted as well if a request is under way just then, so the count is an upper bound; in a process that only serves it is 0.
 */
export function countOrphan(kind: SpanKind, context: Context): void {
  if (openOperations.count === 0 || kind === SpanKind.SERVER || kind === SpanKind.CONSUMER) return
  if (operationOf(context) === undefined) counters.orphaned++
}

export function countEnded(decision: SamplingDecision): void {
  counters.ended[decision] = counters.ended[decision]! + 1
}

export function startedCount(decision: SamplingDecision, origin: number): number {
  return counters.started[decision * ORIGINS + origin]!
}

/** Spans with this decision that have started and not ended. */
export function liveCount(decision: SamplingDecision): number {
  let started = 0
  for (let origin = 0; origin < ORIGINS; origin++) started += startedCount(decision, origin)
  return started - counters.ended[decision]!
}

export interface SpanCounts {
  readonly created: number
  readonly ended: number
  readonly open: number
}

/** Recording spans of this process since its start: `created = ended + open`, at every moment. */
export function spanCounts(): SpanCounts {
  const ended =
    counters.ended[SamplingDecision.RECORD]! + counters.ended[SamplingDecision.RECORD_AND_SAMPLED]!
  const open = liveCount(SamplingDecision.RECORD) + liveCount(SamplingDecision.RECORD_AND_SAMPLED)
  return { created: ended + open, ended, open }
}
