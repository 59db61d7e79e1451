import {
  AttributeList,
  countFault,
  fieldsOf,
  type InstrumentationScope,
  isTracingSuppressed,
  passFieldsOn,
  type RemoteHint,
  type RequestFields,
  remoteHintOf,
  spanOf,
  wallTimeMs,
  withHintOf,
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
import { putAttribute, putAttributes } from './attribute-values'
import type { HashiraSpan } from './hashira-span'
import { LocalTrace } from './local-trace'
import { invalidSpan, NonRecordingSpan } from './non-recording-span'
import { spanOpened } from './open-spans'
import { randomSpanId } from './random-ids'
import { RecordingSpan } from './recording-span'
import { decidingParent } from './remote-decision'
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
 * What few spans have (a hint, fields) is asked for before it is called: every call takes room of what V8 inlines here, and these
 * and their like in `end()` made a span 5 to 10 % slower on Node 20.
 * @param flat attributes as `startFlatSpan` takes them, in place of `options`
 * @param startMs as there
 */
export function startSpan(
  scope: InstrumentationScope,
  name: string,
  kind: SpanKind,
  context: Context,
  options: SpanOptions | undefined,
  flat: (string | AttributeValue)[] | undefined,
  startMs?: number,
): HashiraSpan {
  const { active } = tracing
  const isRoot = options?.root === true
  const parentSpan = isRoot ? undefined : spanOf(context)
  const parent = validSpanContext(parentSpan)
  if (active === undefined)
    return parent === undefined ? invalidSpan : withHintOf(parentSpan!, new NonRecordingSpan(parent))
  if (isTracingSuppressed(context)) return invalidSpan

  if (parent === undefined && !isRoot) countOrphan(kind, context)

  const { sampler, limits } = active
  const fields = fieldsOf(context)
  // Only a remote parent, or what stands in for one, has a hint.
  const isLocal = parent !== undefined && parent.isRemote !== true
  const hint = isLocal || !parentSpan ? undefined : remoteHintOf(parentSpan)
  const traceId = parent?.traceId ?? hint?.traceId ?? active.createTraceId()
  const decider = hint === undefined ? parent : decidingParent(hint, parent, traceId)
  let attributes: AttributeList | undefined
  let result: SamplingResult
  if (sampler.sampleByTrace !== undefined) result = sampleByTrace(sampler, traceId, decider)
  else {
    attributes = startAttributes(flat, options, fields, hint, limits)
    const asked = isRoot || hint !== undefined ? withSpan(context, wrapped(decider)) : context
    result = sampleByAll(sampler, asked, traceId, name, kind, attributes, options?.links)
  }
  let { decision } = result
  const spanId = randomSpanId()
  const traceState = result.traceState ?? (parent ?? hint)?.traceState
  const spanContext = createSpanContext(traceId, spanId, flagsFor(decision, parent, hint), traceState)
  let trace: LocalTrace | undefined
  if (active.tail !== undefined && decision !== SamplingDecision.RECORD_AND_SAMPLED) {
    decision = SamplingDecision.RECORD
    trace = (parent && RecordingSpan.traceOf(parentSpan)) ?? new LocalTrace(spanId, performance.now())
  }
  if (decision === SamplingDecision.NOT_RECORD) {
    countStarted(decision, parent)
    const unrecorded = new NonRecordingSpan(spanContext)
    if (fields !== undefined) passFieldsOn(context, unrecorded, fields)
    return unrecorded
  }
  attributes ??= startAttributes(flat, options, fields, hint, limits)
  if (result.attributes !== undefined) addAttributes(attributes, result.attributes, limits)
  const now = startMs ?? performance.now()
  const offsetMs = anchorFor(parent === undefined ? undefined : parentSpan, now)
  const given = options?.startTime
  const start = given === undefined ? fromUnixMs(offsetMs + now) : timeOr(given, offsetMs)
  const data = new SpanData(spanContext, parent, scope, kind, name, start, attributes)
  if (options?.links !== undefined) putLinks(data, options.links, limits)
  countStarted(decision, parent)
  const span = new RecordingSpan(spanContext, decision, limits, offsetMs, data, trace)
  spanOpened(span)
  if (active.processors !== undefined) active.processors.started(span, data, parent, context)
  if (fields !== undefined) passFieldsOn(context, span, fields)
  return span
}

function wrapped(spanContext: SpanContext | undefined): Span | undefined {
  return spanContext === undefined ? undefined : new NonRecordingSpan(spanContext)
}

/** A trace id of our making is random in every bit; a child keeps what its parent says about the id. Other bits are not passed on. */
function flagsFor(
  decision: SamplingDecision,
  parent: SpanContext | undefined,
  hint: RemoteHint | undefined,
): number {
  const given = hint?.traceId === undefined ? RANDOM_FLAG : 0
  const random = parent === undefined ? given : parent.traceFlags & RANDOM_FLAG
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
  fields: RequestFields | undefined,
  hint: RemoteHint | undefined,
  limits: SpanLimits,
): AttributeList {
  const list = flat === undefined ? new AttributeList() : limitedFlat(flat, limits)
  if (options?.attributes !== undefined) addAttributes(list, options.attributes, limits)
  if (hint?.attributes !== undefined) addAttributes(list, hint.attributes, limits)
  if (fields !== undefined) addFields(list, fields, limits)
  return list
}

/** What the span says itself wins. */
function addFields(list: AttributeList, { flat }: RequestFields, limits: SpanLimits): void {
  const { attributeCountLimit, attributeValueLengthLimit } = limits
  for (let i = 0; i < flat.length; i += 2) {
    const key = flat[i] as string
    if (!list.has(key)) putAttribute(list, key, flat[i + 1], attributeCountLimit, attributeValueLengthLimit)
  }
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
