import { type OtlpOptions, otlp } from '@hashira/exporter-otlp'
import type { DecodedSpan, ReceivedMessage } from '@hashira/testing'
import { exporterConformance } from '@hashira/testing'
import {
  decodeMetrics,
  decodeTraces,
  encodeMetricsResponse,
  encodeTracesResponse,
  type Message,
  parseJson,
} from './otlp-schema'

for (const protocol of ['http/protobuf', 'http/json'] as const) {
  const isJson = protocol === 'http/json'
  const requestOf = (decode: (bytes: Uint8Array) => Message, { body }: ReceivedMessage): Message =>
    isJson ? parseJson(body) : decode(body)
  const options: OtlpOptions = { protocol, compression: isJson ? 'gzip' : 'none' }

  exporterConformance({
    name: `otlp ${protocol}`,
    create: ({ url, timeoutMs }) => otlp({ endpoint: url, timeoutMs, ...options }),
    traces: {
      decode: (message) =>
        requestOf(decodeTraces, message).resourceSpans.flatMap(({ resource, scopeSpans }: Message) =>
          scopeSpans.flatMap(({ spans }: Message) =>
            spans.map((span: Message) => decodedSpan(span, resource)),
          ),
        ),
    },
    metrics: {
      countItems: (message) =>
        requestOf(decodeMetrics, message)
          .resourceMetrics.flatMap(({ scopeMetrics }: Message) => scopeMetrics)
          .flatMap(({ metrics }: Message) => metrics)
          .reduce((sum: number, metric: Message) => sum + dataPoints(metric).length, 0),
    },
    partialSuccess: (rejected, _total, signal) => {
      const count = { [signal === 'traces' ? 'rejectedSpans' : 'rejectedDataPoints']: rejected }
      const answer = { partialSuccess: { ...count, errorMessage: 'too old' } }
      if (isJson) return { body: JSON.stringify(answer) }
      return { body: signal === 'traces' ? encodeTracesResponse(answer) : encodeMetricsResponse(answer) }
    },
  })
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

function dataPoints({ sum, gauge, histogram, summary }: Message): Message[] {
  return (sum ?? gauge ?? histogram ?? summary).dataPoints
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
