import type { Resource, SpanEncoder, SpanEvent, SpanLink, SpanRecord } from '@hashira/core'
import { jsonAttributes, jsonId, jsonUnixNanos, unlessEmpty, wellFormed } from './json-value'
import { ScopedJsonEncoder } from './scoped-json-encoder'
import { spanFlags, spanKind, spanStatus } from './write-span'

const NAMES = { resources: 'resourceSpans', scopes: 'scopeSpans', items: 'spans' } as const

/**
 * Spans to the JSON of ExportTraceServiceRequest (`http/json`): hex ids, numeric enums, 64-bit numbers as text.
 *
 * For backends that take nothing else, and for reading: it costs several times what {@link OtlpSpanEncoder} does.
 */
export class OtlpJsonSpanEncoder extends ScopedJsonEncoder<SpanRecord> implements SpanEncoder {
  constructor(resource: Resource) {
    super(resource, NAMES, jsonSpan)
  }
}

function jsonSpan(record: SpanRecord): object {
  return {
    traceId: jsonId(record.traceId, 32),
    spanId: jsonId(record.spanId, 16),
    traceState: unlessEmpty(record.traceState),
    parentSpanId: unlessEmpty(jsonId(record.parentSpanId, 16)),
    flags: spanFlags(record.traceFlags, record.parentIsRemote),
    name: wellFormed(record.name),
    kind: spanKind(record.kind),
    startTimeUnixNano: jsonUnixNanos(record.startSeconds, record.startNanos),
    endTimeUnixNano: jsonUnixNanos(record.endSeconds, record.endNanos),
    attributes: jsonAttributes(record.attributes.flat),
    droppedAttributesCount: unlessEmpty(record.attributes.droppedCount),
    events: record.events.length > 0 ? record.events.map(jsonEvent) : undefined,
    droppedEventsCount: unlessEmpty(record.droppedEventsCount),
    links: record.links.length > 0 ? record.links.map(jsonLink) : undefined,
    droppedLinksCount: unlessEmpty(record.droppedLinksCount),
    status: jsonStatus(record.statusCode, record.statusMessage),
  }
}

function jsonEvent(event: SpanEvent): object {
  return {
    timeUnixNano: jsonUnixNanos(event.timeSeconds, event.timeNanos),
    name: wellFormed(event.name),
    attributes: jsonAttributes(event.attributes.flat),
    droppedAttributesCount: unlessEmpty(event.attributes.droppedCount),
  }
}

function jsonLink(link: SpanLink): object {
  return {
    traceId: jsonId(link.traceId, 32),
    spanId: jsonId(link.spanId, 16),
    traceState: unlessEmpty(link.traceState),
    attributes: jsonAttributes(link.attributes.flat),
    droppedAttributesCount: unlessEmpty(link.attributes.droppedCount),
    flags: spanFlags(link.traceFlags, link.isRemote),
  }
}

function jsonStatus(code: number, message: string | undefined): object {
  return { message: message ? wellFormed(message) : undefined, code: unlessEmpty(spanStatus(code)) }
}
