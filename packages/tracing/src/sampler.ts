import type { Sampler as ApiSampler, SamplingDecision, SpanContext } from '@opentelemetry/api'

/** OpenTelemetry's Sampler; one made for its SDK plugs in. What it throws, or returns wrongly, means "not recorded". */
export interface Sampler extends ApiSampler {
  /**
   * Optional, in place of `shouldSample`, for a sampler that needs no more than this: no attributes object is then built.
   * @param parent the valid parent's context, `undefined` for a new trace
   */
  readonly sampleByTrace?:
    | ((traceId: string, parent: SpanContext | undefined) => SamplingDecision)
    | undefined
}
