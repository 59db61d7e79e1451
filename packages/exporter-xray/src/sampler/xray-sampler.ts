import { randomBytes } from 'node:crypto'
import { type Resource, type Sampler, say, spanOf } from '@hashira/core'
import { HttpClient, repeat } from '@hashira/delivery'
import {
  type Attributes,
  type Context,
  isSpanContextValid,
  SamplingDecision,
  type SamplingResult,
  type SpanKind,
  TraceFlags,
} from '@opentelemetry/api'
import { type ProcessFacts, processFacts, requestFacts } from './request-facts'
import { RuleTable } from './rule-table'
import { samplerSettings, type XraySamplerOptions, type XraySamplerSettings } from './sampler-options'
import { chunks, SamplingCalls } from './sampling-calls'

/** How often counts are reported and quotas asked for, unless X-Ray says otherwise; also when rules did not come. */
const REPORT_INTERVAL_MS = 10_000
const MAX_REPORT_INTERVAL_MS = 300_000
const UNKNOWN: ProcessFacts = { serviceName: undefined, serviceType: undefined, resourceArn: undefined }

/**
 * Samples by the rules of the X-Ray console, with this process's share of their reservoirs: asked for and reported through the
 * daemon, beside the requests. Until the rules are there, and when they are older than an hour: one request a second and 5 % of the
 * others. A span with a parent is as its parent.
 *
 * @param given options, or the text of `OTEL_TRACES_SAMPLER_ARG`
 */
export function xraySampler(given?: string | XraySamplerOptions | undefined): Sampler {
  return new XraySampler(samplerSettings(given))
}

/** What `xraySampler` makes; `nowUnixMs` is there for tests. */
export class XraySampler implements Sampler {
  readonly #settings: XraySamplerSettings
  readonly #nowUnixMs: () => number
  readonly #table = new RuleTable()
  readonly #client = new HttpClient()
  readonly #calls: SamplingCalls
  #process = UNKNOWN
  #stops: (() => void)[] = []
  #reportIntervalMs = REPORT_INTERVAL_MS
  #rulesModified: number | undefined
  #fails = false

  constructor(settings: XraySamplerSettings, nowUnixMs: () => number = Date.now) {
    this.#settings = settings
    this.#nowUnixMs = nowUnixMs
    this.#calls = new SamplingCalls(this.#client, settings.endpoint, randomBytes(12).toString('hex'))
  }

  shouldSample(
    context: Context,
    traceId: string,
    _name: string,
    _kind: SpanKind,
    attributes: Attributes,
  ): SamplingResult {
    const parent = spanOf(context)?.spanContext()
    if (parent !== undefined && isSpanContextValid(parent)) {
      const isSampled = (parent.traceFlags & TraceFlags.SAMPLED) !== 0
      return { decision: isSampled ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD }
    }
    return this.#table.decide(traceId, requestFacts(this.#process, attributes), this.#nowUnixMs())
  }

  start(resource: Resource): void {
    this.#stop()
    this.#process = processFacts(resource)
    const { pollingIntervalMs } = this.#settings
    const untilRules = () =>
      this.#fails ? Math.min(REPORT_INTERVAL_MS, pollingIntervalMs) : pollingIntervalMs
    this.#stops = [
      repeat(() => this.refreshRules(), untilRules, 'xray_sampling_rules'),
      repeat(
        () => this.report(),
        () => this.#reportIntervalMs,
        'xray_sampling_targets',
      ),
    ]
  }

  close(): void {
    this.#stop()
    this.#client.close()
  }

  toString(): string {
    return `XraySampler{${this.#settings.endpoint}}`
  }

  /** Rejects when the rules could not be had; those that are there stay. */
  async refreshRules(): Promise<void> {
    try {
      this.#table.replace(await this.#calls.rules(), this.#nowUnixMs())
    } catch (error) {
      this.#sayFailure(error)
      throw error
    }
    if (this.#fails) say('info', `X-Ray sampling rules come from ${this.#settings.endpoint} again`)
    this.#fails = false
  }

  /** Tells X-Ray what was counted and takes over what it assigns. Counts that can't be delivered are told next time. */
  async report(): Promise<void> {
    const waiting = chunks(this.#table.takeReports())
    const intervals: number[] = []
    try {
      while (waiting.length > 0) {
        const { targets, rulesModified } = await this.#calls.targets(waiting[0]!, this.#nowUnixMs())
        waiting.shift()
        this.#table.assign(targets)
        intervals.push(...targets.flatMap(({ intervalMs }) => intervalMs ?? []))
        await this.#refreshIfModified(rulesModified)
      }
    } finally {
      this.#table.giveBack(waiting.flat())
      this.#reportIntervalMs = reportIntervalMs(intervals)
    }
  }

  /** The first answer is compared with when the rules came; later ones with the one before, whatever this host's clock says. */
  async #refreshIfModified(modified: number | undefined): Promise<void> {
    if (modified === undefined) return
    const before = this.#rulesModified
    this.#rulesModified = modified
    const isNew = before === undefined ? modified * 1_000 > this.#table.loadedUnixMs : modified !== before
    if (isNew) await this.refreshRules()
  }

  #sayFailure(error: unknown): void {
    if (this.#fails) return
    this.#fails = true
    const why = error instanceof Error ? error.message : String(error)
    const until = Number.isFinite(this.#table.loadedUnixMs)
      ? 'keeping those from before'
      : 'sampling 1 request a second and 5 % of the others until they come'
    say('warn', `X-Ray sampling rules from ${this.#settings.endpoint}: ${why}; ${until}`)
  }

  #stop(): void {
    for (const stop of this.#stops) stop()
    this.#stops = []
  }
}

function reportIntervalMs(asked: readonly number[]): number {
  if (asked.length === 0) return REPORT_INTERVAL_MS
  return Math.min(Math.max(Math.min(...asked), 1_000), MAX_REPORT_INTERVAL_MS)
}
