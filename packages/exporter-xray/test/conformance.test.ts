import { type XrayOptions, xray } from '@hashira/exporter-xray'
import {
  type ConformanceOptions,
  type DecodedSpan,
  type ExpectedSpan,
  exporterConformance,
  type SpanCopy,
} from '@hashira/testing'
import { decodedSpans } from '../../exporter-otlp/test/decoded'
import { decodeTraces, encodeTracesResponse, type Message } from '../../exporter-otlp/test/otlp-schema'

const SECRET = 'conformance-secret-key'
const HEADER = '{"format":"json","version":1}\n'
/** Where a document says what the kit's attributes of HTTP and databases do: their own blocks. */
const IN_BLOCKS = /^(?:http|url|server|db)\./

/** What requests signed for X-Ray have in common. */
const signed = (given: XrayOptions) =>
  ({
    create: ({ url, timeoutMs }) =>
      xray({
        region: 'eu-west-1',
        credentials: { accessKeyId: 'AKIDCONFORMANCE', secretAccessKey: SECRET },
        endpoint: url,
        timeoutMs,
        ...given,
      }),
    secrets: [SECRET],
    retryableStatuses: [429, 500, 502, 503, 504],
  }) satisfies Partial<ConformanceOptions>

exporterConformance({
  name: 'xray through the daemon',
  backend: 'udp',
  create: ({ host, port, timeoutMs }) => xray({ daemonAddress: `${host}:${port}`, timeoutMs }),
  traces: {
    decode: ({ body }) => [decoded(JSON.parse(withoutHeader(body.toString())))],
    expected,
  },
})

exporterConformance({
  name: 'xray by PutTraceSegments',
  ...signed({ via: 'api' }),
  traces: {
    decode: ({ body }) =>
      JSON.parse(body.toString()).TraceSegmentDocuments.map((text: string) => decoded(JSON.parse(text))),
    expected,
  },
  success: { body: '{"UnprocessedTraceSegments":[]}' },
  partialSuccess: (rejected) => ({
    body: JSON.stringify({
      UnprocessedTraceSegments: Array.from({ length: rejected }, (_, i) => ({ Id: `${i}`, ErrorCode: 'No' })),
    }),
  }),
})

exporterConformance({
  name: 'xray by OTLP',
  ...signed({ via: 'otlp' }),
  traces: { decode: ({ body }) => decodedSpans(decodeTraces(body)) },
  partialSuccess: (rejected) => ({
    body: encodeTracesResponse({ partialSuccess: { rejectedSpans: rejected, errorMessage: 'too old' } }),
  }),
})

function withoutHeader(datagram: string): string {
  if (!datagram.startsWith(HEADER)) throw new Error(`no header: ${datagram.slice(0, 40)}`)
  return datagram.slice(HEADER.length)
}

function decoded(document: Message): DecodedSpan {
  const metadata: Record<string, unknown> = document.metadata?.default ?? {}
  const attributes = Object.entries(metadata).filter(([key]) => !key.startsWith('otel.'))
  return {
    traceId: document.trace_id.slice(2).replace('-', ''),
    spanId: document.id,
    parentSpanId: document.parent_id,
    name: (metadata['otel.span.name'] as string | undefined) ?? document.name,
    startUnixMs: document.start_time * 1e3,
    durationMs: (document.end_time - document.start_time) * 1e3,
    statusCode: document.error || document.fault || document.throttle ? 2 : 0,
    links: (document.links ?? []).map(({ trace_id, id, attributes: own = {} }: Message) => ({
      traceId: trace_id.slice(2).replace('-', ''),
      spanId: id,
      attributes: own,
    })),
    attributes: Object.fromEntries(attributes) as SpanCopy['attributes'],
    ...(document.type !== 'subsegment' && { serviceName: document.name }),
  }
}

function expected(span: ExpectedSpan): Partial<ExpectedSpan> {
  const attributes = Object.entries(span.attributes).filter(([key]) => !IN_BLOCKS.test(key))
  return {
    // X-Ray has errors, and what is none.
    statusCode: span.statusCode === 2 ? 2 : 0,
    attributes: Object.fromEntries(attributes.map(([key, value]) => [key, inJson(span, value)])),
  }
}

/** JSON has no NaN and no infinity; of the texts of a document above 64 KB the first 1,000 characters stay. */
function inJson(span: ExpectedSpan, value: unknown): SpanCopy['attributes'][string] {
  if (Array.isArray(value)) return value.map((item) => inJson(span, item)) as string[]
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return span.name === 'huge' ? `${String(value).slice(0, 1_000)}…` : (value as string)
}
