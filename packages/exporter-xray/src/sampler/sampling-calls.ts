import { Buffer } from 'node:buffer'
import { awsErrorOf } from '@hashira/aws'
import type { HttpClient } from '@hashira/delivery'
import type { SamplingTarget } from './applied-rule'
import type { RuleReport } from './rule-table'
import { fields, isWithin, readRule, type SamplingRule } from './sampling-rule'

/** X-Ray's own limit on a report. */
const MAX_DOCUMENTS = 25
/** X-Ray allows 25 rules a region by default; a service that always has one page more must not keep us asking. */
const MAX_PAGES = 20

export interface Targets {
  readonly targets: readonly SamplingTarget[]
  /** When X-Ray's rules were last changed, in Unix seconds. */
  readonly rulesModified: number | undefined
}

/** The two calls of centralised sampling, through whoever signs them: the daemon, the agent or a collector. They reject on any failure. */
export class SamplingCalls {
  readonly #client: HttpClient
  readonly #endpoint: string
  readonly #clientId: string

  /** @param clientId 24 hex digits, of this process */
  constructor(client: HttpClient, endpoint: string, clientId: string) {
    this.#client = client
    this.#endpoint = endpoint.replace(/\/+$/, '')
    this.#clientId = clientId
  }

  async rules(): Promise<SamplingRule[]> {
    const rules: SamplingRule[] = []
    let token: unknown
    for (let page = 0; page < MAX_PAGES; page++) {
      const answer = await this.#call('/GetSamplingRules', token === undefined ? {} : { NextToken: token })
      const records = answer['SamplingRuleRecords']
      if (!Array.isArray(records)) throw new Error('the answer has no SamplingRuleRecords')
      rules.push(...records.map(readRule).filter((rule) => rule !== undefined))
      token = answer['NextToken']
      if (typeof token !== 'string' || token === '') break
    }
    return rules
  }

  /** @param reports at most {@link chunks} of them */
  async targets(reports: readonly RuleReport[], nowUnixMs: number): Promise<Targets> {
    const answer = await this.#call('/SamplingTargets', {
      SamplingStatisticsDocuments: reports.map(({ rule, statistics }) => ({
        RuleName: rule.rule.name,
        ClientID: this.#clientId,
        Timestamp: Math.floor(nowUnixMs / 1_000),
        RequestCount: statistics.requests,
        SampledCount: statistics.sampled,
        BorrowCount: statistics.borrowed,
      })),
    })
    const documents = answer['SamplingTargetDocuments']
    if (!Array.isArray(documents)) throw new Error('the answer has no SamplingTargetDocuments')
    const modified = answer['LastRuleModification']
    return {
      targets: documents.map(readTarget).filter((target) => target !== undefined),
      rulesModified: typeof modified === 'number' ? modified : undefined,
    }
  }

  async #call(path: string, body: object): Promise<Readonly<Record<string, unknown>>> {
    const answer = await this.#client.request({
      url: this.#endpoint + path,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (answer.status !== 200) {
      const { code, message } = awsErrorOf(answer.body, answer.headers)
      throw new Error([`http_${answer.status}`, code, message].filter((part) => part !== '').join(': '))
    }
    return fields(JSON.parse(Buffer.from(answer.body).toString()))
  }
}

/** Reports of one call each. */
export function chunks(reports: readonly RuleReport[]): RuleReport[][] {
  const count = Math.ceil(reports.length / MAX_DOCUMENTS)
  return Array.from({ length: count }, (_, i) => reports.slice(i * MAX_DOCUMENTS, (i + 1) * MAX_DOCUMENTS))
}

function readTarget(value: unknown): SamplingTarget | undefined {
  const target = fields(value)
  const ruleName = target['RuleName']
  if (typeof ruleName !== 'string') return undefined
  const number = (key: string) =>
    isWithin(target[key], 0, Number.MAX_SAFE_INTEGER) ? target[key] : undefined
  const [end, interval] = [number('ReservoirQuotaTTL'), number('Interval')]
  return {
    ruleName,
    fixedRate: number('FixedRate'),
    quota: number('ReservoirQuota'),
    quotaEndUnixMs: end === undefined ? undefined : end * 1_000,
    intervalMs: interval === undefined ? undefined : interval * 1_000,
  }
}
