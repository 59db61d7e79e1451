import { SamplingDecision, type SamplingResult } from '@opentelemetry/api'
import type { RequestFacts } from './request-facts'
import { Reservoir } from './reservoir'
import { ruleMatcher } from './rule-matcher'
import type { SamplingRule } from './sampling-rule'
import { isWithin } from './sampling-rule'

/** What a rule did since the last report. */
export interface RuleStatistics {
  readonly requests: number
  readonly sampled: number
  readonly borrowed: number
}

/** A document of the answer to `SamplingTargets`: what this process has of a rule. */
export interface SamplingTarget {
  readonly ruleName: string
  readonly fixedRate: number | undefined
  readonly quota: number | undefined
  readonly quotaEndUnixMs: number | undefined
  readonly intervalMs: number | undefined
}

/** The span attribute that names the rule; the segment shows it as `aws.xray.rule_name`. */
export const RULE_ATTRIBUTE = 'aws.xray.sampling_rule'
const NOT_SAMPLED: SamplingResult = { decision: SamplingDecision.NOT_RECORD }

/** A rule at work: its reservoir, its rate, and its counts for the next report. */
export class AppliedRule {
  readonly rule: SamplingRule
  readonly matches: (facts: RequestFacts) => boolean
  readonly #reservoir: Reservoir
  readonly #sampled: SamplingResult
  #fixedRate: number
  #everUsed = false
  #requests = 0
  #sampledCount = 0
  #borrowed = 0

  constructor(rule: SamplingRule) {
    this.rule = rule
    this.matches = ruleMatcher(rule)
    this.#reservoir = new Reservoir(rule.reservoirSize)
    this.#fixedRate = rule.fixedRate
    this.#sampled = {
      decision: SamplingDecision.RECORD_AND_SAMPLED,
      attributes: { [RULE_ATTRIBUTE]: rule.name },
    }
  }

  /** Rules that never matched are not reported. */
  get everUsed(): boolean {
    return this.#everUsed
  }

  decide(traceId: string, nowUnixMs: number): SamplingResult {
    this.#everUsed = true
    this.#requests++
    const taken = this.#reservoir.take(nowUnixMs)
    if (taken === 'borrowed') this.#borrowed++
    if (taken === undefined && !isInShare(traceId, this.#fixedRate)) return NOT_SAMPLED
    this.#sampledCount++
    return this.#sampled
  }

  assign({ fixedRate, quota, quotaEndUnixMs }: SamplingTarget): void {
    if (isWithin(fixedRate, 0, 1)) this.#fixedRate = fixedRate
    if (quota !== undefined && quotaEndUnixMs !== undefined) this.#reservoir.assign(quota, quotaEndUnixMs)
  }

  /** The counts, which then begin anew. */
  takeStatistics(): RuleStatistics {
    const statistics = { requests: this.#requests, sampled: this.#sampledCount, borrowed: this.#borrowed }
    this.#requests = 0
    this.#sampledCount = 0
    this.#borrowed = 0
    return statistics
  }

  /** Counts that could not be reported, or of the rule before it was changed. */
  addStatistics({ requests, sampled, borrowed }: RuleStatistics): void {
    this.#everUsed ||= requests > 0
    this.#requests += requests
    this.#sampledCount += sampled
    this.#borrowed += borrowed
  }
}

const RANGE = 16 ** 13

/** By the random end of the trace id, as OpenTelemetry's ratio samplers do; an id that X-Ray made begins with the time. */
export function isInShare(traceId: string, share: number): boolean {
  return Number.parseInt(traceId.slice(19), 16) < share * RANGE
}
