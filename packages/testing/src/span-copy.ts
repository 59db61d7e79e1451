import type { AttributeList, InstrumentationScope, SpanRecord } from '@hashira/core'
import type { Attributes, SpanKind, SpanStatusCode } from '@opentelemetry/api'

/** An ended span as plain data. Times are Unix milliseconds, durations milliseconds. */
export interface SpanCopy {
  readonly name: string
  readonly kind: SpanKind
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly parentIsRemote: boolean
  readonly traceFlags: number
  readonly traceState: string | undefined
  readonly isLocalRoot: boolean
  readonly scope: InstrumentationScope
  readonly startUnixMs: number
  readonly durationMs: number
  readonly attributes: Attributes
  readonly events: readonly EventCopy[]
  readonly links: readonly LinkCopy[]
  readonly droppedAttributesCount: number
  readonly droppedEventsCount: number
  readonly droppedLinksCount: number
  readonly statusCode: SpanStatusCode
  readonly statusMessage: string | undefined
}

export interface EventCopy {
  readonly name: string
  readonly timeUnixMs: number
  readonly attributes: Attributes
}

export interface LinkCopy {
  readonly traceId: string
  readonly spanId: string
  readonly attributes: Attributes
}

/** Everything of `record`, which must not be kept itself. */
export function copySpan(record: SpanRecord): SpanCopy {
  const { startSeconds, startNanos, endSeconds, endNanos } = record
  return {
    name: record.name,
    kind: record.kind,
    traceId: record.traceId,
    spanId: record.spanId,
    parentSpanId: record.parentSpanId,
    parentIsRemote: record.parentIsRemote,
    traceFlags: record.traceFlags,
    traceState: record.traceState,
    isLocalRoot: record.isLocalRoot,
    scope: { ...record.scope },
    startUnixMs: unixMs(startSeconds, startNanos),
    durationMs: (endSeconds - startSeconds) * 1e3 + (endNanos - startNanos) / 1e6,
    attributes: copyAttributes(record.attributes),
    events: record.events.map(({ name, timeSeconds, timeNanos, attributes }) => ({
      name,
      timeUnixMs: unixMs(timeSeconds, timeNanos),
      attributes: copyAttributes(attributes),
    })),
    links: record.links.map(({ traceId, spanId, attributes }) => ({
      traceId,
      spanId,
      attributes: copyAttributes(attributes),
    })),
    droppedAttributesCount: record.attributes.droppedCount,
    droppedEventsCount: record.droppedEventsCount,
    droppedLinksCount: record.droppedLinksCount,
    statusCode: record.statusCode,
    statusMessage: record.statusMessage,
  }
}

export function copyAttributes(list: AttributeList): Attributes {
  // An ordinary object, so that a test can compare it with one it wrote; entries are defined, so no key is special.
  return Object.fromEntries([...list].map(([key, value]) => [key, structuredClone(value)]))
}

function unixMs(seconds: number, nanos: number): number {
  return seconds * 1e3 + nanos / 1e6
}
