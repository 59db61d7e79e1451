import { type Sampler, spanOf } from '@hashira/core'
import { SamplingDecision, type SpanContext } from '@opentelemetry/api'
import { SAMPLED_FLAG, validSpanContext } from './span-context'

/**
 * Samples at most `tracesPerSecond` (0 or more, fractions allowed) new traces a second: a bucket that fills at that rate and
 * holds one second of it, at least one trace. A span with a parent in this process follows its parent; behind
 * `parentBasedSampler` a remote parent decides as well.
 */
export function rateLimitedSampler(tracesPerSecond: number): Sampler {
  const rate = Math.max(Number(tracesPerSecond) || 0, 0)
  const full = rate === 0 ? 0 : Math.max(rate, 1)
  let tokens = full
  let filledAtMs = performance.now()

  const take = (): boolean => {
    const now = performance.now()
    tokens = Math.min(full, tokens + ((now - filledAtMs) / 1_000) * rate)
    filledAtMs = now
    if (tokens < 1) return false
    tokens--
    return true
  }
  const sampleByTrace = (_traceId: string, parent: SpanContext | undefined): SamplingDecision => {
    const sampled =
      parent === undefined || parent.isRemote === true ? take() : (parent.traceFlags & SAMPLED_FLAG) !== 0
    return sampled ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD
  }
  return {
    shouldSample: (context, traceId) => ({
      decision: sampleByTrace(traceId, validSpanContext(spanOf(context))),
    }),
    sampleByTrace,
    toString: () => `RateLimited{${rate}}`,
  }
}
