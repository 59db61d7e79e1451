import { zipkin } from '@hashira/exporter-zipkin'
import { type DecodedSpan, type ExpectedSpan, exporterConformance } from '@hashira/testing'
import { type ReadSpan, readSpans } from './zipkin-schema'

for (const format of ['json', 'protobuf'] as const) {
  exporterConformance({
    name: `zipkin as ${format}`,
    create: ({ url, timeoutMs }) =>
      zipkin({
        endpoint: `${url}/api/v2/spans`,
        timeoutMs,
        format,
        compression: format === 'json' ? 'gzip' : 'none',
        headers: { 'x-key': 'a-key-of-the-test' },
      }),
    secrets: ['a-key-of-the-test'],
    success: { status: 202 },
    traces: { decode: (message) => readSpans(message).map(decoded), expected },
  })
}

function decoded(span: ReadSpan): DecodedSpan {
  const { tags = {}, annotations = [] } = span
  return {
    traceId: span.traceId.padStart(32, '0'),
    spanId: span.id,
    parentSpanId: span.parentId,
    name: span.name ?? '',
    kind: ['SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].indexOf(span.kind ?? '') + 1,
    startUnixMs: (span.timestamp ?? 0) / 1e3,
    durationMs: (span.duration ?? 0) / 1e3,
    attributes: tags,
    events: annotations.map(({ timestamp, value }) => ({
      name: value,
      timeUnixMs: timestamp / 1e3,
      attributes: {},
    })),
    serviceName: span.localEndpoint?.serviceName,
  }
}

/** OpenTelemetry's rules for Zipkin, for what differs. */
function expected(span: ExpectedSpan): Partial<ExpectedSpan> {
  return {
    durationMs: Math.max(span.durationMs, 0.001),
    attributes: {
      'service.version': '1.2.3',
      ...Object.fromEntries(Object.entries(span.attributes).map(([key, value]) => [key, tag(value)])),
      'otel.scope.name': '@hashira/conformance',
      'otel.scope.version': '1.2.3',
      'otel.library.name': '@hashira/conformance',
      'otel.library.version': '1.2.3',
      ...(span.statusCode === 1 && { 'otel.status_code': 'OK' }),
      ...(span.statusCode === 2 && { 'otel.status_code': 'ERROR', error: span.statusMessage ?? '' }),
      ...counted('attributes', span.droppedAttributesCount),
      ...counted('events', span.droppedEventsCount),
      ...counted('links', span.droppedLinksCount),
    },
    events: span.events.map(({ name, timeUnixMs, attributes }) => ({
      name: Object.keys(attributes).length === 0 ? name : `"${name}":${JSON.stringify(attributes)}`,
      timeUnixMs,
      attributes: {},
    })),
  }
}

function tag(value: unknown): string {
  if (!Array.isArray(value)) return String(value)
  return JSON.stringify(value.map((one) => (Number.isNaN(one) ? 'NaN' : one)))
}

function counted(what: string, count: number): object {
  return count === 0 ? {} : { [`otel.dropped_${what}_count`]: String(count) }
}
