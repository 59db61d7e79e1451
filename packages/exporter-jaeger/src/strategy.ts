import { isTraceKept, traceThreshold } from '@hashira/core'
import { SamplingDecision, type SamplingResult } from '@opentelemetry/api'
import { RateLimit } from './rate-limit'

/** Decides for a new trace whose root has the span name `operation`. */
export interface Strategy {
  decide(traceId: string, operation: string): SamplingResult
}

const NO: SamplingResult = { decision: SamplingDecision.NOT_RECORD }

/** What Jaeger's clients put on the root of a sampled trace: its UI and adaptive sampling read them. */
function sampledBy(type: 'probabilistic' | 'ratelimiting' | 'lowerbound', param: number): SamplingResult {
  const attributes = { 'sampler.type': type, 'sampler.param': param }
  return { decision: SamplingDecision.RECORD_AND_SAMPLED, attributes }
}

/** The share `rate` (0 to 1) of all traces, the same ones in every service. */
export function probabilistic(rate: number): Strategy {
  const threshold = traceThreshold(rate)
  const yes = sampledBy('probabilistic', rate)
  return { decide: (traceId) => (isTraceKept(traceId, threshold) ? yes : NO) }
}

export function rateLimiting(perSecond: number): Strategy {
  const limit = new RateLimit(perSecond)
  const yes = sampledBy('ratelimiting', perSecond)
  return { decide: () => (limit.take() ? yes : NO) }
}

/** A share of the traces, and of an operation that is called rarely at least `perSecond` all the same. */
function withLowerBound(rate: number, perSecond: number): Strategy {
  const share = probabilistic(rate)
  const limit = new RateLimit(perSecond)
  const yes = sampledBy('lowerbound', perSecond)
  return {
    decide: (traceId, operation) => {
      const shared = share.decide(traceId, operation)
      // Those of the share count toward the bound as well.
      const isBelow = limit.take()
      return shared === NO && isBelow ? yes : shared
    },
  }
}

export interface OperationRates {
  readonly defaultRate: number
  readonly lowerBoundPerSecond: number
  readonly rates: ReadonlyMap<string, number>
}

/** Span names may hold ids: those beyond share the default rate and have no lower bound. Jaeger's clients have the same bound. */
const MAX_OPERATIONS = 2_000

export function perOperation({ defaultRate, lowerBoundPerSecond, rates }: OperationRates): Strategy {
  const strategies = new Map<string, Strategy>()
  for (const [operation, rate] of rates) strategies.set(operation, withLowerBound(rate, lowerBoundPerSecond))
  const others = probabilistic(defaultRate)
  const strategyOf = (operation: string): Strategy => {
    const known = strategies.get(operation)
    if (known !== undefined) return known
    if (strategies.size >= MAX_OPERATIONS) return others
    const added = withLowerBound(defaultRate, lowerBoundPerSecond)
    strategies.set(operation, added)
    return added
  }
  return { decide: (traceId, operation) => strategyOf(operation).decide(traceId, operation) }
}
