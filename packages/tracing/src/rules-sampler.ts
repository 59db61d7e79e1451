import { type Sampler, spanOf } from '@hashira/core'
import { SamplingDecision } from '@opentelemetry/api'
import { alwaysOnSampler } from './always-samplers'
import { rateLimitedSampler } from './rate-limited-sampler'
import { checkRules, type RuleMatch, ruleMatch, type SamplingRule } from './sampling-rule'
import { validSpanContext } from './span-context'
import { traceIdRatioSampler } from './trace-id-ratio-sampler'

interface Decider {
  readonly matches: RuleMatch
  decide(traceId: string): SamplingDecision
}

/**
 * Samples by the first rule that matches; `fallback` (default: everything) decides when none does. A span with a valid parent in
 * this process follows the parent, whatever the rules say: a trace is not torn apart. Behind `parentBasedSampler` a remote
 * parent decides as well.
 *
 * @throws HashiraError HASHIRA_OPTION_INVALID for rules that are none
 */
export function rulesSampler(rules: readonly SamplingRule[], fallback: Sampler = alwaysOnSampler): Sampler {
  const deciders = checkRules(rules).map(deciderOf)
  return {
    shouldSample(context, traceId, name, kind, attributes, links) {
      const parent = validSpanContext(spanOf(context))
      if (parent !== undefined && parent.isRemote !== true)
        return {
          decision:
            (parent.traceFlags & 1) === 1 ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD,
        }
      for (const { matches, decide } of deciders)
        if (matches(name, kind, attributes)) return { decision: decide(traceId) }
      return fallback.shouldSample(context, traceId, name, kind, attributes, links)
    },
    start: (resource) => fallback.start?.(resource),
    close: () => fallback.close?.(),
    toString: () => `Rules{${rules.length}, ${fallback}}`,
  }
}

function deciderOf(rule: SamplingRule): Decider {
  const byRatio = rule.ratio === undefined ? alwaysOnSampler : traceIdRatioSampler(rule.ratio)
  const byRate = rule.tracesPerSecond === undefined ? undefined : rateLimitedSampler(rule.tracesPerSecond)
  return {
    matches: ruleMatch(rule),
    decide(traceId) {
      const decision = byRatio.sampleByTrace!(traceId, undefined)
      if (decision === SamplingDecision.NOT_RECORD || byRate === undefined) return decision
      return byRate.sampleByTrace!(traceId, undefined)
    },
  }
}
