import type { DecodedLog, DecodedSpan } from '@hashira/testing'
import type { Message } from './otlp-schema'

/** The spans of an ExportTraceServiceRequest, decoded by protobufjs or parsed from JSON, as the conformance kit compares them. */
export function decodedSpans({ resourceSpans }: Message): DecodedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }: Message) =>
    scopeSpans.flatMap(({ spans }: Message) => spans.map((span: Message) => decodedSpan(span, resource))),
  )
}

function decodedSpan(span: Message, resource: Message): DecodedSpan {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    parentIsRemote: (span.flags & 0x200) !== 0,
    traceFlags: span.flags & 0xff,
    traceState: span.traceState,
    name: span.name ?? '',
    kind: span.kind - 1,
    startUnixMs: unixMs(span.startTimeUnixNano),
    durationMs: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6,
    attributes: plain(span.attributes),
    events: (span.events ?? []).map((event: Message) => ({
      name: event.name ?? '',
      timeUnixMs: unixMs(event.timeUnixNano),
      attributes: plain(event.attributes),
    })),
    links: (span.links ?? []).map(({ traceId, spanId, attributes }: Message) => ({
      traceId,
      spanId,
      attributes: plain(attributes),
    })),
    droppedAttributesCount: span.droppedAttributesCount ?? 0,
    droppedEventsCount: span.droppedEventsCount ?? 0,
    droppedLinksCount: span.droppedLinksCount ?? 0,
    statusCode: span.status?.code ?? 0,
    statusMessage: span.status?.message || undefined,
    serviceName: plain(resource.attributes)['service.name'],
  }
}

/** The records of an ExportLogsServiceRequest in the same way. */
export function decodedLogs({ resourceLogs }: Message): DecodedLog[] {
  return resourceLogs.flatMap(({ scopeLogs }: Message) =>
    scopeLogs.flatMap(({ logRecords }: Message) => logRecords.map(decodedLog)),
  )
}

function decodedLog(record: Message): DecodedLog {
  return {
    timeUnixMs: unixMs(record.timeUnixNano),
    severityNumber: record.severityNumber ?? 0,
    severityText: record.severityText || undefined,
    body: record.body?.stringValue,
    attributes: plain(record.attributes),
    traceId: record.traceId || undefined,
    spanId: record.spanId || undefined,
    traceFlags: record.flags ?? 0,
  }
}

function unixMs(nanos: string): number {
  return Number(BigInt(nanos) / 1000n) / 1e3
}

function plain(attributes: Message[] = []): Message {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]))
}

function plainValue({ stringValue, boolValue, intValue, doubleValue, arrayValue }: Message): unknown {
  if (arrayValue !== undefined) return (arrayValue.values ?? []).map(plainValue)
  if (intValue !== undefined) return Number(intValue)
  return stringValue ?? boolValue ?? doubleValue ?? null
}
