import {
  AttributeList,
  countFault,
  type InstrumentationScope,
  isTracingSuppressed,
  spanOf,
  wallTimeMs,
  withSpan,
} from '@hashira/core'
import {
  type Attributes,
  type AttributeValue,
  type Context,
  SamplingDecision,
  type SamplingResult,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
} from '@opentelemetry/api'
import { putAttributes } from './attribute-values'
import type { HashiraSpan } from './hashira-span'
import { invalidSpan, NonRecordingSpan } from './non-recording-span'
import { randomSpanId, randomTraceId } from './random-ids'
import { RecordingSpan } from './recording-span'
import { sampleByAll, sampleByTrace } from './sampling'
import { createSpanContext, RANDOM_FLAG, SAMPLED_FLAG, validSpanContext } from './span-context'
import { countOrphan, countStarted } from './span-counts'
import { SpanData } from './span-data'
import type { SpanLimits } from './span-limits'
import { putLinks } from './span-links'
import { fromUnixMs, timeOr } from './span-time'
import { truncated } from './text'
import { tracing } from './tracing-state'

/**
 * Starts a span by OpenTelemetry's trace SDK, "Sampling" and "Span creation". Off: the parent's context is carried on.
 * @param flat attributes as `startFlatSpan` takes them, in place of `options`
 */
export function startSpan(
  scope: InstrumentationScope,
  name: string,
  kind: SpanKind,
  context: Context,
  options: SpanOptions | undefined,
  flat: (string | AttributeValue)[] | undefined,
): HashiraSpan {
  const { active } = tracing
  const isRoot = options?.root === true
  const parentSpan = isRoot ? undefined : spanOf(context)
  const parent = validSpanContext(parentSpan)
  if (active === undefined) return parent === undefined ? invalidSpan : new NonRecordingSpan(parent)
  if (isTracingSuppressed(context)) return invalidSpan

  if (parent === undefined && !isRoot) countOrphan(kind, context)

  const { sampler, limits } = active
  const traceId = parent === undefined ? randomTraceId() : parent.traceId
  let attributes: AttributeList | undefined
  let result: SamplingResult
  if (sampler.sampleByTrace !== undefined) result = sampleByTrace(sampler, traceId, parent)
  else {
    attributes = startAttributes(flat, options, limits)
    const asked = isRoot ? withSpan(context, undefined) : context
    result = sampleByAll(sampler, asked, traceId, name, kind, attributes, options?.links)
  }
  const { decision } = result
  const spanContext = createSpanContext(
    traceId,
    randomSpanId(),
    flagsFor(decision, parent),
    result.traceState ?? parent?.traceState,
  )
  if (decision === SamplingDecision.NOT_RECORD) {
    countStarted(decision, parent)
    return new NonRecordingSpan(spanContext)
  }
  attributes ??= startAttributes(flat, options, limits)
  if (result.attributes !== undefined) addAttributes(attributes, result.attributes, limits)
  const now = performance.now()
  const offsetMs = anchorFor(parent === undefined ? undefined : parentSpan, now)
  const given = options?.startTime
  const start = given === undefined ? fromUnixMs(offsetMs + now) : timeOr(given, offsetMs)
  const data = new SpanData(spanContext, parent, scope, kind, name, start, attributes)
  if (options?.links !== undefined) putLinks(data, options.links, limits)
  countStarted(decision, parent)
  return new RecordingSpan(spanContext, decision, limits, offsetMs, data)
}

/** A new trace id is random in every bit; a child keeps what its parent says about the id. Other bits are not passed on. */
function flagsFor(decision: SamplingDecision, parent: SpanContext | undefined): number {
  const random = parent === undefined ? RANDOM_FLAG : parent.traceFlags & RANDOM_FLAG
  return decision === SamplingDecision.RECORD_AND_SAMPLED ? random | SAMPLED_FLAG : random
}

/** Unix milliseconds of monotonic zero: the open local parent's, so that a trace has one clock in this process, or a new one. */
function anchorFor(parent: Span | undefined, now: number): number {
  const anchor = parent === undefined ? undefined : RecordingSpan.anchorOf(parent)
  return anchor ?? wallTimeMs(now) - now
}

function startAttributes(
  flat: (string | AttributeValue)[] | undefined,
  options: SpanOptions | undefined,
  limits: SpanLimits,
): AttributeList {
  if (flat !== undefined) return limitedFlat(flat, limits)
  const list = new AttributeList()
  if (options?.attributes !== undefined) addAttributes(list, options.attributes, limits)
  return list
}

function addAttributes(list: AttributeList, attributes: Attributes, limits: SpanLimits): void {
  putAttributes(list, attributes, limits.attributeCountLimit, limits.attributeValueLengthLimit)
}

function limitedFlat(flat: (string | AttributeValue)[], limits: SpanLimits): AttributeList {
  const { attributeCountLimit, attributeValueLengthLimit } = limits
  const list = new AttributeList(flat)
  if (list.size > attributeCountLimit) {
    list.droppedCount = list.size - attributeCountLimit
    flat.length = attributeCountLimit * 2
  }
  for (let i = 1; i < flat.length; i += 2) {
    const value = flat[i]
    if (typeof value === 'string' && value.length > attributeValueLengthLimit) {
      flat[i] = truncated(value, attributeValueLengthLimit)
    }
  }
  return list
}

/** `kind` if it is one; what is none counts as a fault. */
export function kindOf(kind: unknown): SpanKind {
  if (kind === undefined || kind === null) return SpanKind.INTERNAL
  if (typeof kind === 'number' && SpanKind[kind] !== undefined) return kind
  countFault('kind')
  return SpanKind.INTERNAL
}
