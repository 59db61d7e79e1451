import { isTraceKept, type Sampler, traceThreshold } from '@hashira/core'
import { SamplingDecision } from '@opentelemetry/api'

/**
 * Samples `ratio` (0 to 1; beyond is cut, not a number is 0) of all traces, the same ones in every service, whatever the parent:
 * {@link isTraceKept} has the rule.
 */
export function traceIdRatioSampler(ratio: number): Sampler {
  const kept = Math.min(Math.max(Number(ratio) || 0, 0), 1)
  const threshold = traceThreshold(kept)
  const sampleByTrace = (traceId: string): SamplingDecision =>
    isTraceKept(traceId, threshold) ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD
  return {
    shouldSample: (_context, traceId) => ({ decision: sampleByTrace(traceId) }),
    sampleByTrace,
    toString: () => `TraceIdRatioBased{${kept}}`,
  }
}
