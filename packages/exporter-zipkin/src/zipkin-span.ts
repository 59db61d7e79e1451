import type { InstrumentationScope, SpanEvent, SpanRecord } from '@hashira/core'
import { attributeText, jsonText, wellFormed } from './attribute-text'
import { remoteEndpoint } from './remote-endpoint'

/** A span of Zipkin's API v2: https://zipkin.io/zipkin-api/. What is not known is absent, never empty or null. */
export interface ZipkinSpan {
  /** 32 or 16 lower-case hex digits. */
  readonly traceId: string
  /** 16 lower-case hex digits. */
  readonly parentId: string | undefined
  readonly id: string
  readonly kind: ZipkinKind | undefined
  readonly name: string | undefined
  /** Unix microseconds. */
  readonly timestamp: number | undefined
  /** Microseconds, at least 1. */
  readonly duration: number
  readonly localEndpoint: Endpoint
  readonly remoteEndpoint: Endpoint | undefined
  readonly annotations: readonly Annotation[]
  readonly tags: ReadonlyMap<string, string>
}

export type ZipkinKind = 'CLIENT' | 'SERVER' | 'PRODUCER' | 'CONSUMER'

export interface Endpoint {
  readonly serviceName?: string | undefined
  readonly ipv4?: string | undefined
  readonly ipv6?: string | undefined
  readonly port?: number | undefined
}

export interface Annotation {
  readonly timestamp: number
  readonly value: string
}

/** What all spans of this process have in common. */
export interface Origin {
  readonly localEndpoint: Endpoint
  /** The resource but for `service.name`; a span's own attribute of the same name wins. */
  readonly tags: ReadonlyMap<string, string>
}

/** By the API's numbers; an internal span has no kind in Zipkin. */
const KINDS: readonly (ZipkinKind | undefined)[] = [undefined, 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']
const OK = 1
const ERROR = 2

/**
 * What Zipkin makes of a span, by OpenTelemetry's rules: https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/.
 * Links and trace state have no place in it.
 * @throws RangeError for an id that is none: Zipkin refuses a whole request for one of them
 */
export function zipkinSpan(record: SpanRecord, { localEndpoint, tags }: Origin): ZipkinSpan {
  const kind = KINDS[record.kind]
  return {
    traceId: traceId(record.traceId),
    parentId: record.parentSpanId === undefined ? undefined : hexId(record.parentSpanId, 16),
    id: hexId(record.spanId, 16),
    kind,
    name: wellFormed(record.name) || undefined,
    timestamp: microseconds(record.startSeconds, record.startNanos) || undefined,
    duration: duration(record),
    localEndpoint,
    remoteEndpoint: kind === 'CLIENT' || kind === 'PRODUCER' ? remoteEndpoint(record.attributes) : undefined,
    annotations: record.events.map(annotation).filter(({ timestamp }) => timestamp > 0),
    tags: spanTags(record, tags),
  }
}

/** A trace that began with a 64-bit id, which W3C pads with zeros, keeps the id that the others of it report. */
function traceId(id: string): string {
  const whole = hexId(id, 32)
  return whole.startsWith('0000000000000000') ? whole.slice(16) : whole
}

function hexId(id: string, digits: number): string {
  if (id.length === digits && /^[0-9a-f]+$/.test(id)) return id
  throw new RangeError(`not an id of ${digits} hex digits`)
}

function microseconds(seconds: number, nanos: number): number {
  const value = Math.floor(seconds) * 1e6 + Math.floor(nanos / 1e3)
  return Number.isSafeInteger(value) && value > 0 ? value : 0
}

/** Less than a microsecond is rounded up, as 0 means unknown. */
function duration({ startSeconds, startNanos, endSeconds, endNanos }: SpanRecord): number {
  const micros = Math.floor((endSeconds - startSeconds) * 1e6 + (endNanos - startNanos) / 1e3)
  return Number.isSafeInteger(micros) && micros > 1 ? micros : 1
}

/** One without a time would make Zipkin refuse the request. */
function annotation({ name, timeSeconds, timeNanos, attributes }: SpanEvent): Annotation {
  const value =
    attributes.size === 0 ? wellFormed(name) : `${jsonText(String(name))}:${jsonText(attributes.toObject())}`
  return { timestamp: microseconds(timeSeconds, timeNanos), value }
}

function spanTags(record: SpanRecord, resource: ReadonlyMap<string, string>): Map<string, string> {
  const tags = new Map(resource)
  const { flat, droppedCount } = record.attributes
  for (let i = 0; i < flat.length; i += 2) tags.set(wellFormed(flat[i]), attributeText(flat[i + 1]))
  setScope(tags, record.scope)
  setStatus(tags, record)
  setCount(tags, 'otel.dropped_attributes_count', droppedCount)
  setCount(tags, 'otel.dropped_events_count', record.droppedEventsCount)
  setCount(tags, 'otel.dropped_links_count', record.droppedLinksCount)
  return tags
}

/** Under the names before and after OpenTelemetry 1.10: the collector's receiver knows only the former. */
function setScope(tags: Map<string, string>, { name, version }: InstrumentationScope): void {
  for (const prefix of ['otel.scope', 'otel.library']) {
    tags.set(`${prefix}.name`, wellFormed(name))
    if (version) tags.set(`${prefix}.version`, wellFormed(version))
  }
}

/** Any `error` tag, whatever its value, is a failure to Zipkin. */
function setStatus(tags: Map<string, string>, { statusCode, statusMessage }: SpanRecord): void {
  if (statusCode === OK || statusCode === ERROR)
    tags.set('otel.status_code', statusCode === OK ? 'OK' : 'ERROR')
  if (statusCode === ERROR) tags.set('error', wellFormed(statusMessage ?? ''))
  else if (tags.get('error') === 'false') tags.delete('error')
}

function setCount(tags: Map<string, string>, name: string, count: number): void {
  if (count > 0) tags.set(name, String(count))
}
