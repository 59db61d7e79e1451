import type { Sampler } from '@hashira/core'
import { SamplingDecision } from '@opentelemetry/api'

/** The 13 hex digits that are read fit a double exactly. */
const RANGE = 16 ** 13

/**
 * Samples `ratio` (0 to 1; beyond is cut, not a number is 0) of all traces, the same ones in every service, whatever the parent.
 *
 * The rule is OpenTelemetry's consistent probability sampling ("TraceState: Probability Sampling"): a trace is kept when its
 * randomness, the right-most 56 bits of the trace id that W3C level 2 calls random, is at least the rejection threshold
 * `(1 - ratio) * 2^56`; 52 of the bits are compared. So a smaller ratio keeps a subset of what a larger one keeps.
 */
export function traceIdRatioSampler(ratio: number): Sampler {
  const kept = Math.min(Math.max(Number(ratio) || 0, 0), 1)
  const threshold = Math.round((1 - kept) * RANGE)
  const sampleByTrace = (traceId: string): SamplingDecision =>
    Number.parseInt(traceId.slice(18, 31), 16) >= threshold
      ? SamplingDecision.RECORD_AND_SAMPLED
      : SamplingDecision.NOT_RECORD
  return {
    shouldSample: (_context, traceId) => ({ decision: sampleByTrace(traceId) }),
    sampleByTrace,
    toString: () => `TraceIdRatioBased{${kept}}`,
  }
}
