import type { Sampler as ApiSampler, SamplingDecision, SpanContext } from '@opentelemetry/api'
import type { Resource } from './resource'

/** OpenTelemetry's Sampler; one made for its SDK plugs in. What it throws, or returns wrongly, means "not recorded". */
export interface Sampler extends ApiSampler {
  /**
   * Optional, in place of `shouldSample`, for a sampler that needs no more than this: no attributes object is then built.
   * @param parent the valid parent's context, `undefined` for a new trace
   */
  readonly sampleByTrace?:
    | ((traceId: string, parent: SpanContext | undefined) => SamplingDecision)
    | undefined
  /** Called when Hashira starts with it: a sampler that asks a backend begins to ask. Its timers must not keep the process alive. */
  start?(resource: Resource): void
  /** Called when Hashira stops. */
  close?(): void
}

/**
 * What `@hashira/exporter-NAME` exports as `NAMESampler` for `OTEL_TRACES_SAMPLER=NAME`, `NAME_remote` and their `parentbased_` forms.
 * @param argument `OTEL_TRACES_SAMPLER_ARG`, `undefined` when not set
 */
export type SamplerFactory = (argument?: string | undefined) => Sampler
