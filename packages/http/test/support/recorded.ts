import { collectMetrics, contextManager, type HistogramPoint, type SpanRecord, shared } from '@hashira/core'
import {
  alwaysOnSampler,
  defaultSpanLimits,
  disableTracing,
  enableTracing,
  type Sampler,
} from '@hashira/tracing'
import { type AttributeValue, context, type SpanKind, type SpanStatusCode } from '@opentelemetry/api'

/** A copy of what a span record said when it was handed over. */
export interface RecordedSpan {
  readonly name: string
  readonly kind: SpanKind
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly attributes: Record<string, AttributeValue>
  readonly attributeCount: number
  readonly links: { traceId: string; spanId: string; traceFlags: number }[]
  readonly events: { name: string; attributes: Record<string, AttributeValue> }[]
  readonly statusCode: SpanStatusCode
  readonly statusMessage: string | undefined
  readonly durationSeconds: number
}

export interface Recording {
  readonly spans: RecordedSpan[]
  readonly refused: string[]
  stop(): void
}

/** What `start()` does, for `@opentelemetry/api` in tests without it. */
export function useContextManager(): void {
  context.setGlobalContextManager(contextManager)
}

/** Records every span that ends from now on. */
export function recordSpans(sampler: Sampler = alwaysOnSampler): Recording {
  const spans: RecordedSpan[] = []
  const refused: string[] = []
  const sink = {
    append: (record: SpanRecord) => void spans.push(copy(record)),
    refuse: (reason: string) => void refused.push(reason),
  }
  enableTracing({ sampler, limits: defaultSpanLimits, sinks: [sink] })
  return { spans, refused, stop: disableTracing }
}

function copy(record: SpanRecord): RecordedSpan {
  return {
    name: record.name,
    kind: record.kind,
    traceId: record.traceId,
    spanId: record.spanId,
    parentSpanId: record.parentSpanId,
    attributes: record.attributes.toObject(),
    attributeCount: record.attributes.size,
    links: record.links.map(({ traceId, spanId, traceFlags }) => ({ traceId, spanId, traceFlags })),
    events: record.events.map(({ name, attributes }) => ({ name, attributes: attributes.toObject() })),
    statusCode: record.statusCode,
    statusMessage: record.statusMessage,
    durationSeconds: record.endSeconds - record.startSeconds + (record.endNanos - record.startNanos) / 1e9,
  }
}

export interface Series {
  readonly labels: Record<string, unknown>
  readonly count: number
  readonly sum: number
  readonly exemplarTraceIds: string[]
}

/** The series of `http.server.request.duration`, as every exporter sees them. */
export async function durationSeries(): Promise<Series[]> {
  return (await pointsOf('http.server.request.duration')).map((point) => {
    const { count, sum, exemplars } = point as HistogramPoint
    const exemplarTraceIds = (exemplars ?? []).flatMap((exemplar) => exemplar?.traceId ?? [])
    return { labels: labelsOf(point), count, sum, exemplarTraceIds }
  })
}

/** The series with these labels, or `undefined`. */
export async function seriesOf(labels: Record<string, unknown>): Promise<Series | undefined> {
  const wanted = Object.entries(labels)
  return (await durationSeries()).find((series) =>
    wanted.every(([name, value]) => series.labels[name] === value),
  )
}

/** How many requests are under way. */
export async function activeRequests(): Promise<number> {
  const points = await pointsOf('http.server.active_requests')
  return points.reduce((sum, point) => sum + (point as { value: number }).value, 0)
}

async function pointsOf(name: string) {
  const { families } = await collectMetrics()
  return families.find((family) => family.name === name)?.points ?? []
}

function labelsOf({ attributes }: { attributes: readonly unknown[] }): Record<string, unknown> {
  const labels: Record<string, unknown> = {}
  for (let i = 0; i < attributes.length; i += 2) labels[attributes[i] as string] = attributes[i + 1]
  return labels
}

/** Waits until `condition` holds; fails after `timeoutMs`. */
export async function until(condition: () => unknown, timeoutMs = 5_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not reached within ${timeoutMs} ms: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Keeps what starts Hashira by itself from doing so: these tests record spans on their own. */
export function asIfStarted(): void {
  shared<{ running: object | undefined }>('sdk', () => ({ running: undefined })).running ??= {}
}
