import type { Sampler } from '@hashira/core'
import { SamplingDecision } from '@opentelemetry/api'

/** Records every span. */
export const alwaysOnSampler: Sampler = {
  shouldSample: () => ({ decision: SamplingDecision.RECORD_AND_SAMPLED }),
  sampleByTrace: () => SamplingDecision.RECORD_AND_SAMPLED,
  toString: () => 'AlwaysOnSampler',
}

/** Records no span. */
export const alwaysOffSampler: Sampler = {
  shouldSample: () => ({ decision: SamplingDecision.NOT_RECORD }),
  sampleByTrace: () => SamplingDecision.NOT_RECORD,
  toString: () => 'AlwaysOffSampler',
}
