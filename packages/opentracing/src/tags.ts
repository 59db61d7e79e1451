import type { HashiraSpan } from '@hashira/tracing'
import { type Attributes, type AttributeValue, SpanKind, SpanStatusCode } from '@opentelemetry/api'

const KINDS: ReadonlyMap<unknown, SpanKind> = new Map([
  ['client', SpanKind.CLIENT],
  ['server', SpanKind.SERVER],
  ['producer', SpanKind.PRODUCER],
  ['consumer', SpanKind.CONSUMER],
])

/** Tags that OpenTelemetry has another name for; they keep their own as well. */
const MODERN: ReadonlyMap<string, string> = new Map([
  ['http.method', 'http.request.method'],
  ['http.status_code', 'http.response.status_code'],
  ['http.url', 'url.full'],
  ['peer.hostname', 'server.address'],
  ['peer.port', 'server.port'],
])

const NUMBERS: ReadonlySet<string> = new Set(['http.status_code', 'peer.port'])

export type Tags = Readonly<Record<string, unknown>>

export function kindOf(tags: Tags | undefined): SpanKind | undefined {
  return KINDS.get(tags?.['span.kind'])
}

/** `sampling.priority` of 0 says that nobody wants the span. */
export function isUnwanted(key: string, value: unknown): boolean {
  return key === 'sampling.priority' && Number(value) === 0
}

/**
 * The attributes of tags, by OpenTelemetry's "OpenTracing Compatibility": a value that no attribute may have is a text; `error` is the
 * status, see {@link setError}, and `span.kind` the kind.
 */
export function attributesOf(tags: Tags): Attributes {
  const attributes: Attributes = {}
  for (const [key, value] of Object.entries(tags)) {
    if (key === 'error' || (key === 'span.kind' && KINDS.has(value))) continue
    const accepted = attributeValue(value)
    if (accepted === undefined) continue
    attributes[key] = accepted
    const modern = MODERN.get(key)
    if (modern !== undefined) attributes[modern] = NUMBERS.has(key) ? numberOr(accepted) : accepted
  }
  return attributes
}

export function setError(span: HashiraSpan, value: unknown): void {
  if (value === true || value === 'true') span.setStatus({ code: SpanStatusCode.ERROR })
  else if (value === false || value === 'false') span.setStatus({ code: SpanStatusCode.OK })
  else if (value instanceof Error) span.fail(value)
}

export function attributeValue(value: unknown): AttributeValue | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (value instanceof Error) return value.message
  try {
    return typeof value === 'object' ? (JSON.stringify(value) ?? String(value)) : String(value)
  } catch {
    return String(Object.prototype.toString.call(value))
  }
}

function numberOr(value: AttributeValue): AttributeValue {
  const number = Number(value)
  return Number.isFinite(number) ? number : value
}
