import { type Resource, type Sampler, type SamplerFactory, spanOf } from '@hashira/core'
import {
  type Context,
  isSpanContextValid,
  SamplingDecision,
  type SpanContext,
  TraceFlags,
} from '@opentelemetry/api'
import { samplerSettings } from '../datadog-options'
import { type IdentityOptions, identityOf } from '../spans/identity'
import type { TraceDecision } from '../spans/trace-decision'
import { isKept, type Threshold, thresholdOf } from './knuth-hash'
import { RateLimiter } from './rate-limiter'
import { sampling } from './sampling-state'

export interface DatadogSamplerSettings extends IdentityOptions {
  /** In place of the agent's rates: `DD_TRACE_SAMPLE_RATE`. */
  readonly sampleRate?: number | undefined
  /** Traces a second that `sampleRate` may keep: `DD_TRACE_RATE_LIMIT`. */
  readonly rateLimit: number
}

/**
 * Datadog's head sampling: new traces by the rate that the agent wants for this service and environment (all, until it has said
 * so), the rest as their parent was decided. `OTEL_TRACES_SAMPLER=datadog` or `parentbased_datadog`; `datadog()` brings it along.
 *
 * Spans that are not sampled are recorded all the same while the exporter makes statistics, which count every span.
 *
 * @param argument `OTEL_TRACES_SAMPLER_ARG`: a rate from 0 to 1 in place of the agent's, as `DD_TRACE_SAMPLE_RATE`
 */
export const datadogSampler: SamplerFactory = (argument) => createSampler(samplerSettings(argument))

export function createSampler(settings: DatadogSamplerSettings): Sampler {
  return new DatadogSampler(settings)
}

class DatadogSampler implements Sampler {
  readonly #settings: DatadogSamplerSettings
  readonly #limiter: RateLimiter
  readonly #decide = (startUnixMs: number) => this.#decision(startUnixMs)
  #service = ''
  #env = ''
  #rate = Number.NaN
  #threshold: Threshold = thresholdOf(1)

  constructor(settings: DatadogSamplerSettings) {
    this.#settings = settings
    this.#limiter = new RateLimiter(settings.rateLimit)
  }

  start(resource: Resource): void {
    const { service, env } = identityOf(resource, this.#settings)
    this.#service = service
    this.#env = env
    sampling.decide = this.#decide
  }

  close(): void {
    if (sampling.decide === this.#decide) sampling.decide = undefined
  }

  readonly sampleByTrace = (traceId: string, parent: SpanContext | undefined): SamplingDecision => {
    const keep = parent === undefined ? this.#keeps(traceId) : (parent.traceFlags & TraceFlags.SAMPLED) !== 0
    if (keep) return SamplingDecision.RECORD_AND_SAMPLED
    if (parent === undefined) sampling.droppedTrace()
    return sampling.recordsAll ? SamplingDecision.RECORD : SamplingDecision.NOT_RECORD
  }

  shouldSample(context: Context, traceId: string): { decision: SamplingDecision } {
    const parent = spanOf(context)?.spanContext()
    const isValid = parent !== undefined && isSpanContextValid(parent)
    return { decision: this.sampleByTrace(traceId, isValid ? parent : undefined) }
  }

  toString(): string {
    const { sampleRate } = this.#settings
    return `Datadog{${sampleRate === undefined ? 'agent' : `rate=${sampleRate}`}}`
  }

  #keeps(traceId: string): boolean {
    const { sampleRate } = this.#settings
    const rate = sampleRate ?? sampling.rates.rate(this.#service, this.#env) ?? 1
    if (rate !== this.#rate) {
      this.#rate = rate
      this.#threshold = thresholdOf(rate)
    }
    if (rate === 0 || !isKept(traceId, this.#threshold)) return false
    return sampleRate === undefined || this.#limiter.isAllowed(performance.now())
  }

  /** dd-trace-js `priority_sampler.js`: what the user's rate keeps is the user's keep. */
  #decision(startUnixMs: number): TraceDecision {
    const { sampleRate } = this.#settings
    if (sampleRate !== undefined) {
      const limitRate = this.#limiter.effectiveRate()
      return { priority: 2, mechanism: 3, origin: undefined, ruleRate: sampleRate, limitRate }
    }
    const rate = sampling.rates.rate(this.#service, this.#env, startUnixMs)
    return { priority: 1, mechanism: rate === undefined ? 0 : 1, origin: undefined, agentRate: rate ?? 1 }
  }
}
