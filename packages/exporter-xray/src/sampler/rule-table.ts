import { SamplingDecision, type SamplingResult } from '@opentelemetry/api'
import { AppliedRule, isInShare, type RuleStatistics, type SamplingTarget } from './applied-rule'
import type { RequestFacts } from './request-facts'
import { Reservoir } from './reservoir'
import { inOrder, type SamplingRule } from './sampling-rule'

/** X-Ray's SDKs forget rules that were not confirmed for an hour. */
const RULES_EXPIRE_MS = 3_600_000
const FALLBACK_RATE = 0.05
const NOT_SAMPLED: SamplingResult = { decision: SamplingDecision.NOT_RECORD }
const SAMPLED: SamplingResult = { decision: SamplingDecision.RECORD_AND_SAMPLED }

/** What a report of one rule says. */
export interface RuleReport {
  readonly rule: AppliedRule
  readonly statistics: RuleStatistics
}

/** The rules that hold. Deciding reads it and nothing else: no call, no timer. */
export class RuleTable {
  #rules: readonly AppliedRule[] = []
  #loadedUnixMs = Number.NEGATIVE_INFINITY
  /** Without rules: the first request of each second, and 5 % of the others. */
  readonly #fallback = new Reservoir(1)

  get loadedUnixMs(): number {
    return this.#loadedUnixMs
  }

  decide(traceId: string, facts: RequestFacts, nowUnixMs: number): SamplingResult {
    const isKnown = nowUnixMs - this.#loadedUnixMs < RULES_EXPIRE_MS
    const applied = isKnown ? this.#rules.find((candidate) => candidate.matches(facts)) : undefined
    if (applied !== undefined) return applied.decide(traceId, nowUnixMs)
    const isFirst = this.#fallback.take(nowUnixMs) !== undefined
    return isFirst || isInShare(traceId, FALLBACK_RATE) ? SAMPLED : NOT_SAMPLED
  }

  /** A rule that did not change keeps its quota, one that did its counts. */
  replace(rules: readonly SamplingRule[], nowUnixMs: number): void {
    const before = new Map(this.#rules.map((applied) => [applied.rule.name, applied]))
    this.#rules = inOrder(rules).map((rule) => {
      const known = before.get(rule.name)
      if (known !== undefined && JSON.stringify(known.rule) === JSON.stringify(rule)) return known
      const applied = new AppliedRule(rule)
      if (known !== undefined) applied.addStatistics(known.takeStatistics())
      return applied
    })
    this.#loadedUnixMs = nowUnixMs
  }

  /** The counts of every rule that was ever used, which then begin anew; what can't be delivered is to be given back. */
  takeReports(): RuleReport[] {
    return this.#rules
      .filter((rule) => rule.everUsed)
      .map((rule) => ({ rule, statistics: rule.takeStatistics() }))
  }

  giveBack(reports: readonly RuleReport[]): void {
    const current = new Map(this.#rules.map((applied) => [applied.rule.name, applied]))
    for (const { rule, statistics } of reports) current.get(rule.rule.name)?.addStatistics(statistics)
  }

  assign(targets: readonly SamplingTarget[]): void {
    const byName = new Map(targets.map((target) => [target.ruleName, target]))
    for (const applied of this.#rules) {
      const target = byName.get(applied.rule.name)
      if (target !== undefined) applied.assign(target)
    }
  }
}
