import { type AttributeList, countFault, ignoreRejection, type Sampler } from '@hashira/core'
import {
  type Context,
  SamplingDecision,
  type SamplingResult,
  type SpanContext,
  type SpanKind,
} from '@opentelemetry/api'
import { linksForSampler } from './span-links'

/** By decision: nothing is allocated for a sampler that decides by trace. */
const RESULTS: readonly SamplingResult[] = [
  { decision: SamplingDecision.NOT_RECORD },
  { decision: SamplingDecision.RECORD },
  { decision: SamplingDecision.RECORD_AND_SAMPLED },
]

/** Never throws; a sampler that does, or returns no decision, is counted (`sampler`) and means "not recorded". */
export function sampleByTrace(
  sampler: Sampler,
  traceId: string,
  parent: SpanContext | undefined,
): SamplingResult {
  try {
    const decision: unknown = sampler.sampleByTrace!(traceId, parent)
    if (isDecision(decision)) return RESULTS[decision]!
    ignoreRejection(decision, 'sampler')
  } catch {
    // Counted below.
  }
  return faulty()
}

/** The same for OpenTelemetry's interface, which reads everything. */
export function sampleByAll(
  sampler: Sampler,
  context: Context,
  traceId: string,
  name: string,
  kind: SpanKind,
  attributes: AttributeList,
  links: unknown,
): SamplingResult {
  try {
    const readable = Object.fromEntries(attributes)
    const result = sampler.shouldSample(context, traceId, name, kind, readable, linksForSampler(links))
    if (isDecision(result.decision)) return checked(result)
    ignoreRejection(result, 'sampler')
  } catch {
    // Counted below.
  }
  return faulty()
}

function isDecision(decision: unknown): decision is SamplingDecision {
  return typeof decision === 'number' && RESULTS[decision] !== undefined
}

/** Reads the sampler's object once, here, where it may throw. */
function checked({ decision, attributes, traceState }: SamplingResult): SamplingResult {
  const usable = typeof traceState?.serialize === 'function' ? { traceState } : undefined
  return { decision, ...(attributes == null ? undefined : { attributes }), ...usable }
}

function faulty(): SamplingResult {
  countFault('sampler')
  return RESULTS[SamplingDecision.NOT_RECORD]!
}
