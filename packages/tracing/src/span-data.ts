import type { AttributeList, InstrumentationScope, SpanEvent, SpanLink, SpanRecord } from '@hashira/core'
import { type HrTime, type SpanContext, type SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { ProcessedSpan } from './processed-span'

/**
 * Everything a recording span knows, in the shape that hooks and encoders get. The span fills it, hands it over when it ends
 * and lets it go.
 */
export class SpanData implements SpanRecord {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly parentIsRemote: boolean
  /** A trace that the tail keeper keeps becomes sampled afterwards. */
  traceFlags: number
  traceState: string | undefined = undefined
  readonly isLocalRoot: boolean
  readonly scope: InstrumentationScope
  readonly kind: SpanKind
  name: string
  readonly startSeconds: number
  readonly startNanos: number
  endSeconds = 0
  endNanos = 0
  readonly attributes: AttributeList
  readonly events: SpanEvent[] = []
  readonly links: SpanLink[] = []
  droppedEventsCount = 0
  droppedLinksCount = 0
  statusCode: SpanStatusCode = SpanStatusCode.UNSET
  statusMessage: string | undefined = undefined
  /** What OpenTelemetry's processors see of it, if there are any. */
  processed: ProcessedSpan | undefined = undefined

  constructor(
    context: SpanContext,
    parent: SpanContext | undefined,
    scope: InstrumentationScope,
    kind: SpanKind,
    name: string,
    start: HrTime,
    attributes: AttributeList,
  ) {
    this.traceId = context.traceId
    this.spanId = context.spanId
    this.traceFlags = context.traceFlags
    this.parentSpanId = parent?.spanId
    this.parentIsRemote = parent?.isRemote === true
    this.isLocalRoot = parent === undefined || this.parentIsRemote
    this.scope = scope
    this.kind = kind
    this.name = name
    this.startSeconds = start[0]
    this.startNanos = start[1]
    this.attributes = attributes
  }
}
