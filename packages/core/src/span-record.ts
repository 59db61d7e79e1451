import type { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { AttributeList } from './attribute-list'

/** Who made a span: the name and version given to `getTracer`. */
export interface InstrumentationScope {
  readonly name: string
  readonly version: string | undefined
  readonly schemaUrl: string | undefined
}

export interface SpanEvent {
  name: string
  /** Unix time: whole seconds, and nanoseconds within the second. */
  timeSeconds: number
  timeNanos: number
  attributes: AttributeList
}

export interface SpanLink {
  traceId: string
  spanId: string
  traceFlags: number
  /** The `tracestate` header of the linked span. */
  traceState: string | undefined
  isRemote: boolean
  attributes: AttributeList
}

/**
 * An ended span, flat, as hooks may change it and encoders read it. It is valid during the call that hands it over and must
 * not be kept: whoever needs it later encodes it now.
 */
export interface SpanRecord {
  /** 32 lower-case hex digits. */
  readonly traceId: string
  /** 16 lower-case hex digits. */
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly parentIsRemote: boolean
  /** W3C trace flags: 0x01 sampled, 0x02 random trace id. */
  readonly traceFlags: number
  /** The `tracestate` header. */
  readonly traceState: string | undefined
  /** No parent, or a parent in another process. */
  readonly isLocalRoot: boolean
  readonly scope: InstrumentationScope
  readonly kind: SpanKind
  name: string
  /** Unix time: whole seconds, and nanoseconds within the second. */
  readonly startSeconds: number
  readonly startNanos: number
  readonly endSeconds: number
  readonly endNanos: number
  readonly attributes: AttributeList
  readonly events: SpanEvent[]
  readonly links: SpanLink[]
  droppedEventsCount: number
  droppedLinksCount: number
  statusCode: SpanStatusCode
  statusMessage: string | undefined
}
