import { type Resource, type Sampler, say, spanOf } from '@hashira/core'
import { HttpClient, repeat } from '@hashira/delivery'
import { type Context, isSpanContextValid, SamplingDecision, type SamplingResult } from '@opentelemetry/api'
import { readStrategy } from './read-strategy'
import { type JaegerSamplerOptions, samplerOptions } from './sampler-options'
import { probabilistic, type Strategy } from './strategy'

const MAX_ANSWER_BYTES = 1024 * 1024
const SAMPLED_FLAG = 1

/**
 * Samples as Jaeger says (remote sampling: `GET /sampling?service=NAME` on port 5778): a share of the traces, so many a second,
 * or rates for each operation (span name) with a lower bound. `OTEL_TRACES_SAMPLER=jaeger_remote`, or
 * `parentbased_jaeger_remote` to let a caller's decision hold.
 *
 * A trace is decided at its first span in this process; `sampler.type` and `sampler.param` are on that span. Until Jaeger
 * answers, `initialSamplingRate` holds; when it stops to answer or answers nonsense (fault `jaeger_sampling`), what it said last.
 *
 * @param argument `OTEL_TRACES_SAMPLER_ARG`, or options
 * @throws HashiraError HASHIRA_OPTION_INVALID, HASHIRA_OPTION_UNKNOWN
 */
export function jaegerSampler(argument?: string | JaegerSamplerOptions | undefined): Sampler {
  return new JaegerSampler(samplerOptions(argument))
}

class JaegerSampler implements Sampler {
  readonly #client = new HttpClient()
  readonly #endpoint: string
  readonly #pollingIntervalMs: number
  #strategy: Strategy
  /** The answer that made the strategy: the same one again leaves its counts as they are. */
  #answer = ''
  #isFailing = false
  #stop: (() => void) | undefined

  constructor({ endpoint, pollingIntervalMs, initialSamplingRate }: ReturnType<typeof samplerOptions>) {
    this.#endpoint = endpoint
    this.#pollingIntervalMs = pollingIntervalMs
    this.#strategy = probabilistic(initialSamplingRate)
  }

  shouldSample(context: Context, traceId: string, spanName: string): SamplingResult {
    const parent = spanOf(context)?.spanContext()
    if (parent === undefined || parent.isRemote === true || !isSpanContextValid(parent))
      return this.#strategy.decide(traceId, spanName)
    // Half a trace would be worse than none.
    const isSampled = (parent.traceFlags & SAMPLED_FLAG) !== 0
    return { decision: isSampled ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD }
  }

  start(resource: Resource): void {
    this.close()
    const service = String(resource.attributes.get('service.name') ?? 'unknown_service:node')
    const url = new URL(this.#endpoint)
    url.searchParams.set('service', service)
    this.#stop = repeat(
      () => this.#ask(url.href),
      () => this.#pollingIntervalMs,
      'jaeger_sampling',
    )
  }

  close(): void {
    this.#stop?.()
    this.#stop = undefined
    this.#client.close()
  }

  /** Rejects when there is no new strategy; whoever repeats it counts that. */
  async #ask(url: string): Promise<void> {
    try {
      const { status, body } = await this.#client.request({ url, maxResponseBytes: MAX_ANSWER_BYTES })
      if (status !== 200) throw new Error(`HTTP status ${status}`)
      const answer = body.toString()
      if (answer !== this.#answer) this.#strategy = readStrategy(answer)
      this.#answer = answer
      this.#tell(false, '')
    } catch (error) {
      this.#tell(true, error instanceof Error ? error.message : String(error))
      throw error
    }
  }

  /** A line when it begins and when it ends. */
  #tell(isFailing: boolean, why: string): void {
    if (isFailing === this.#isFailing || this.#stop === undefined) return
    this.#isFailing = isFailing
    const { origin, pathname } = new URL(this.#endpoint)
    const source = `jaeger sampling strategies from ${origin}${pathname}`
    if (!isFailing) say('info', `${source}: answered`)
    else say('warn', `${source}: ${why}; sampling as before, asked again every ${this.#pollingIntervalMs} ms`)
  }

  toString(): string {
    const { origin, pathname } = new URL(this.#endpoint)
    return `JaegerRemoteSampler{${origin}${pathname}}`
  }
}
