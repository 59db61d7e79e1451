import type { PushMetrics, PushTraces, SpanRecord } from '@hashira/core'
import { type DatadogOptions, datadog } from '@hashira/exporter-datadog'
import {
  type ConformanceOptions,
  type DecodedSpan,
  type ExpectedSpan,
  exporterConformance,
  goldenRecord,
  type ReceivedMessage,
} from '@hashira/testing'
import { identityOf } from '../dist/spans/identity.js'
import { encodeStatistics } from '../dist/statistics/encode-statistics.js'
import { SpanStatistics } from '../dist/statistics/span-statistics.js'
import {
  type DecodedSpan as AgentSpan,
  type DecodedChunk,
  decodeAny,
  decodePayload,
  type Version,
} from './decode'

const KINDS = ['internal', 'server', 'client', 'producer', 'consumer']

/** Tags that are no attribute of the span. */
const OWN_TAG =
  /^(?:_dd\..*|_sampling_priority_v1|process_id|language|runtime-id|span\.kind|component|env|version|events|error\..*|otel\..*|w3c\..*)$/

/** The two golden spans with attributes that Datadog has other names for. */
const BY_NAME: Readonly<Record<string, { resource: string; tags: Record<string, string | number> }>> = {
  'GET /orders/:id': {
    resource: 'GET /orders/:id',
    tags: {
      'http.method': 'GET',
      'http.route': '/orders/:id',
      'http.status_code': '200',
      'http.url': 'http://shop.example:8080/orders/7',
    },
  },
  SELECT: {
    resource: 'SELECT * FROM orders',
    tags: {
      'db.system': 'postgresql',
      'db.name': 'shop',
      'db.statement': 'SELECT * FROM orders',
      'out.host': 'db.example',
      'network.destination.port': 5432,
    },
  },
}

/** `name:value[:value…]|type[|@rate][|#tags][|c:container]`. */
const LINE = /^[A-Za-z][\w.]*(?::[\d.e+-]+)+\|[cgd](?:\|@[\d.e-]+)?(?:\|#[^|]*)?(?:\|c:[\w-]+)?$/

/** To the agent over HTTP. */
const agent = {
  answerAside: ({ url }, response) => {
    if (url !== '/info') return false
    response.end(JSON.stringify({ endpoints: ['/v0.4/traces', '/v0.6/stats'] }))
    return true
  },
  success: { body: '{"rate_by_service":{}}' },
  retryableStatuses: [408, 429, 502, 503, 504],
  finalStatuses: [400, 413, 415],
} satisfies Partial<ConformanceOptions>

for (const protocolVersion of ['0.4', '0.5', '1.0'] as const) {
  exporterConformance({
    name: `datadog /v${protocolVersion}/traces`,
    create: ({ url, timeoutMs }) => datadog({ agentUrl: url, timeoutMs, protocolVersion }),
    ...agent,
    traces: { decode: ({ body }) => decoded(body, protocolVersion), expected },
  })
}

exporterConformance({
  name: 'datadog statistics',
  create: ({ url, timeoutMs }) => ({ name: 'datadog', metrics: statisticsOf({ agentUrl: url, timeoutMs }) }),
  ...agent,
  metrics: { countItems: ({ body }) => groupsIn(body) },
})

exporterConformance({
  name: 'datadog metrics to DogStatsD',
  backend: 'udp',
  create: ({ host, port }) => datadog({ dogstatsdUrl: `udp://${host}:${port}` }),
  metrics: { countItems: linesIn },
})

function decoded(body: Buffer, version: Version): DecodedSpan[] {
  return decodePayload(body, version).flatMap(({ spans, head }) =>
    spans.map((span) => ({
      traceId: upperHalf(spans, head) + hex(span.traceId),
      spanId: hex(span.spanId),
      parentSpanId: span.parentId === 0n ? undefined : hex(span.parentId),
      name: span.resource,
      kind: KINDS.indexOf(span.texts['span.kind']!),
      startUnixMs: Number(span.start / 1_000n) / 1e3,
      durationMs: Number(span.duration) / 1e6,
      statusCode: span.error ? 2 : span.texts['otel.status_code'] === 'Ok' ? 1 : 0,
      statusMessage: span.texts['error.message'],
      traceState: span.texts['w3c.tracestate'],
      attributes: attributesOf(span),
      droppedAttributesCount: span.numbers['otel.dropped_attributes_count'] ?? 0,
      droppedEventsCount: span.numbers['otel.dropped_events_count'] ?? 0,
      droppedLinksCount: span.numbers['otel.dropped_links_count'] ?? 0,
      serviceName: span.service,
    })),
  )
}

const hex = (id: bigint) => id.toString(16).padStart(16, '0')

/** Of the trace id: `/v1.0` has it whole in the chunk, the others on the first span. */
function upperHalf(spans: readonly AgentSpan[], head: DecodedChunk['head']): string {
  if (head !== undefined) return Buffer.from(head[6] as Uint8Array).toString('hex', 0, 8)
  return spans.find(({ texts }) => texts['_dd.p.tid'] !== undefined)?.texts['_dd.p.tid'] ?? ''
}

function attributesOf({ texts, numbers }: AgentSpan): DecodedSpan['attributes'] & object {
  const tags = [...Object.entries(texts), ...Object.entries(numbers)]
  const own = tags.filter(([key]) => !OWN_TAG.test(key))
  return Object.fromEntries(own.map(([key, value]) => [key === '(proto)' ? '__proto__' : key, value]))
}

function expected(span: ExpectedSpan): Partial<ExpectedSpan> {
  const { attributes, events, statusCode, statusMessage } = span
  const exception = events.findLast(({ name }) => name === 'exception')
  const message = exception?.attributes['exception.message'] as string | undefined
  const asDatadog = BY_NAME[span.name]
  return {
    name: asDatadog?.resource ?? span.name,
    statusMessage: statusCode === 2 ? (message ?? statusMessage) : undefined,
    attributes:
      asDatadog?.tags ??
      Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, tagOf(value)])),
  }
}

/** Texts up to 25,000 characters, numbers, lists as JSON. */
function tagOf(value: unknown): string | number {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (Array.isArray(value)) return JSON.stringify(value.map((one) => (Number.isNaN(one) ? 'NaN' : one)))
  const text = String(value)
  return text.length > 25_000 ? `${text.slice(0, 25_000)}...` : text
}

/**
 * The exporter's own way for statistics. What goes into them comes from spans, which the kit has none of for metrics: here each of
 * its series is one request, counted from the start on (otherwise from when the agent has said that it takes statistics).
 */
function statisticsOf(options: DatadogOptions): PushMetrics {
  const { statistics } = datadog(options).traces as PushTraces
  const offer = { version: '0.4', hasEvents: false, hasStatistics: true, peerTags: [] } as const
  const counted = new SpanStatistics({ service: 'conformance', offerFor: () => offer })
  const identity = identityOf({ attributes: goldenRecord().attributes }, { tags: [] })
  let sequence = 0
  return {
    ...statistics!,
    encode: ({ families }) => {
      for (const { name, points } of families)
        for (const [i] of points.entries()) counted.onEnd(request(`${name} ${i}`), true)
      return encodeStatistics(counted.take(), identity, () => ++sequence)
    },
  }
}

const request = (name: string): SpanRecord => goldenRecord({ name, kind: 1, isLocalRoot: true })

function groupsIn(body: Buffer): number {
  const buckets: { Stats: unknown[] }[] = decodeAny(body).Stats
  return buckets.reduce((sum, { Stats }) => sum + Stats.length, 0)
}

function linesIn({ body }: ReceivedMessage): number {
  const lines = body.toString().split('\n')
  for (const line of lines) if (!LINE.test(line)) throw new Error(`no line of DogStatsD: ${line}`)
  return lines.length
}
