import { DATADOG_MEMBER, type SpanRecord } from '@hashira/core'
import { SpanStatusCode } from '@opentelemetry/api'
import { type AttributeKey, known, SLOT } from './attribute-keys'
import { eventsJson, linksJson, valueJson } from './events-json'
import type { IdentityTags } from './identity-tags'
import type { SpanFacts } from './span-facts'
import type { TagBlock } from './tag-block'
import type { ReceivedState, TraceDecision } from './trace-decision'

/** Where tags go: texts are Datadog's `meta`, numbers its `metrics`. */
export interface TagSink {
  text(key: AttributeKey, value: string): void
  /** Several texts that are the same for many spans. */
  block(block: TagBlock): void
  number(key: AttributeKey, value: number): void
}

/** What a version of the protocol has a field of its own for, and so is no tag. */
export interface TagRules {
  /** Environment, version, component, kind, and what the chunk says: priority, mechanism, origin, upper half of the trace id. */
  readonly hasSpanFields: boolean
  readonly hasEvents: boolean
  readonly hasLinks: boolean
}

const { OK } = SpanStatusCode
const ONLY_DATADOG = new RegExp(`^${DATADOG_MEMBER}=[^,]*$`)

const KEY = {
  processId: known('process_id'),
  baseService: known('_dd.base_service'),
  url: known('http.url'),
  errorMessage: known('error.message'),
  errorType: known('error.type'),
  errorStack: known('error.stack'),
  traceState: known('w3c.tracestate'),
  otelStatus: known('otel.status_code'),
  events: known('events'),
  links: known('_dd.span_links'),
  upperTraceId: known('_dd.p.tid'),
  mechanism: known('_dd.p.dm'),
  origin: known('_dd.origin'),
  priority: known('_sampling_priority_v1'),
  agentRate: known('_dd.agent_psr'),
  ruleRate: known('_dd.rule_psr'),
  limitRate: known('_dd.limit_psr'),
  topLevel: known('_dd.top_level'),
  measured: known('_dd.measured'),
  droppedAttributes: known('otel.dropped_attributes_count'),
  droppedEvents: known('otel.dropped_events_count'),
  droppedLinks: known('otel.dropped_links_count'),
} as const

/** A span and its surroundings, as the functions below take it. */
export interface TaggedSpan {
  record: SpanRecord
  facts: SpanFacts
  received: ReceivedState
  /** On the first span of a chunk and on local roots. */
  decision: TraceDecision | undefined
  isFirstOfChunk: boolean
}

export function writeTexts(sink: TagSink, span: TaggedSpan, own: IdentityTags, rules: TagRules): void {
  const { record, facts } = span
  const { flat } = record.attributes
  for (let i = 0; i < flat.length; i += 2) {
    const key = facts.keys[i >> 1] as AttributeKey
    const value: unknown = flat[i + 1]
    if (key.use !== 'tag' && (key.use === 'field' || facts.url !== undefined)) continue
    if (typeof value === 'string') sink.text(key, value)
    else if (typeof value === 'number') {
      if (key.asText) sink.text(key, facts.slots[key.slot] as string)
      else if (!Number.isFinite(value)) sink.text(key, String(value))
    } else if (typeof value === 'object' && value !== null) sink.text(key, valueJson(value))
    else if (typeof value === 'bigint') sink.text(key, String(value))
  }
  if (facts.url !== undefined) sink.text(KEY.url, facts.url)
  if (rules.hasSpanFields) sink.block(own.tags)
  else {
    const component = facts.slots[SLOT.component] === undefined ? record.scope.name : ''
    sink.block(own.blockFor(facts.kind, component, facts.isOtherService))
    const { origin } = span.received
    if (origin !== undefined && facts.slots[SLOT.origin] === undefined) sink.text(KEY.origin, origin)
  }
  if (facts.isOtherService) sink.text(KEY.baseService, own.identity.service)
  writeOutcome(sink, span, rules)
  if (span.decision !== undefined) writeRootTexts(sink, span, span.decision, own, rules)
}

function writeOutcome(sink: TagSink, { record, facts }: TaggedSpan, rules: TagRules): void {
  const { error, slots } = facts
  if (error !== undefined) {
    if (error.message !== undefined && slots[SLOT.errorMessage] === undefined)
      sink.text(KEY.errorMessage, error.message)
    if (error.type !== undefined && slots[SLOT.errorType] === undefined) sink.text(KEY.errorType, error.type)
    if (error.stack !== undefined && slots[SLOT.errorStack] === undefined)
      sink.text(KEY.errorStack, error.stack)
  }
  if (record.statusCode === OK) sink.text(KEY.otelStatus, 'Ok')
  // What is only Datadog's is told by tags of its own.
  if (record.traceState && !ONLY_DATADOG.test(record.traceState)) sink.text(KEY.traceState, record.traceState)
  if (record.events.length > 0 && !rules.hasEvents) sink.text(KEY.events, eventsJson(record.events))
  if (record.links.length > 0 && !rules.hasLinks) sink.text(KEY.links, linksJson(record.links))
}

function writeRootTexts(
  sink: TagSink,
  { record, isFirstOfChunk, received }: TaggedSpan,
  decision: TraceDecision,
  own: IdentityTags,
  rules: TagRules,
): void {
  sink.block(own.atRoots)
  for (const [key, value] of received.tags) sink.text(known(key), value)
  if (rules.hasSpanFields) return
  const { mechanism } = decision
  if (isFirstOfChunk) {
    const upper = record.traceId.slice(0, 16)
    if (upper !== '0000000000000000') sink.text(KEY.upperTraceId, upper)
  }
  // The agent takes it from whichever span of a chunk has it; the first to end may not know.
  if (mechanism !== undefined) sink.text(KEY.mechanism, `-${mechanism}`)
}

export function writeNumbers(sink: TagSink, span: TaggedSpan, rules: TagRules): void {
  const { record, facts, decision } = span
  const { flat } = record.attributes
  for (let i = 0; i < facts.numberCount; i++) {
    const at = facts.numbers[i] as number
    const value: unknown = flat[at]
    const key = facts.keys[at >> 1] as AttributeKey
    if (key.use !== 'tag' && (key.use === 'field' || facts.url !== undefined)) continue
    if (typeof value === 'number') {
      if (!key.asText && Number.isFinite(value)) sink.number(key, value)
    } else if (typeof value === 'boolean') sink.number(key, value ? 1 : 0)
  }
  if (facts.isTopLevel) sink.number(KEY.topLevel, 1)
  if (facts.isMeasured) sink.number(KEY.measured, 1)
  if (record.attributes.droppedCount > 0) sink.number(KEY.droppedAttributes, record.attributes.droppedCount)
  if (record.droppedEventsCount > 0) sink.number(KEY.droppedEvents, record.droppedEventsCount)
  if (record.droppedLinksCount > 0) sink.number(KEY.droppedLinks, record.droppedLinksCount)
  if (decision !== undefined) writeRootNumbers(sink, decision, rules)
}

function writeRootNumbers(sink: TagSink, decision: TraceDecision, rules: TagRules): void {
  sink.number(KEY.processId, process.pid)
  if (!rules.hasSpanFields) sink.number(KEY.priority, decision.priority)
  if (decision.agentRate !== undefined) sink.number(KEY.agentRate, decision.agentRate)
  if (decision.ruleRate !== undefined) sink.number(KEY.ruleRate, decision.ruleRate)
  if (decision.limitRate !== undefined) sink.number(KEY.limitRate, decision.limitRate)
}
