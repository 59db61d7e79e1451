import { type AttributeList, currentResource, parseTraceState, type SpanRecord } from '@hashira/core'
import type {
  Attributes,
  HrTime,
  Link,
  Span,
  SpanContext,
  SpanKind,
  SpanStatus,
  TimeInput,
} from '@opentelemetry/api'
import type { HashiraSpan } from './hashira-span'
import { NonRecordingSpan } from './non-recording-span'
import { type ProcessedResource, processedResource } from './processed-resource'

export interface ProcessedEvent {
  readonly name: string
  readonly time: HrTime
  readonly attributes: Attributes
  readonly droppedAttributesCount: number
}

/**
 * A span as OpenTelemetry's processors and exporters know it: the API's Span, and the ReadableSpan of SDK 1.x and 2.x. Until the
 * span ends it reads what the span has; then it keeps the record, for as long as a processor keeps it.
 */
export class ProcessedSpan implements Span {
  readonly #span: HashiraSpan
  readonly #record: SpanRecord
  readonly #parent: SpanContext | undefined
  #ended = false
  #spanContext: SpanContext
  #attributes: Attributes | undefined

  constructor(span: HashiraSpan, record: SpanRecord, parent: SpanContext | undefined) {
    this.#span = span
    this.#record = record
    this.#parent = parent
    this.#spanContext = span.spanContext()
  }

  /** @internal The span has ended; a hook may have changed the record, and the tail keeper its flags. */
  freeze(): void {
    this.#ended = true
    this.#spanContext = { ...this.#spanContext, traceFlags: this.#record.traceFlags }
  }

  get name(): string {
    return this.#record.name
  }

  get kind(): SpanKind {
    return this.#record.kind
  }

  get startTime(): HrTime {
    return [this.#record.startSeconds, this.#record.startNanos]
  }

  get endTime(): HrTime {
    return [this.#record.endSeconds, this.#record.endNanos]
  }

  get duration(): HrTime {
    if (!this.#ended) return [-1, 0]
    const { startSeconds, startNanos, endSeconds, endNanos } = this.#record
    const seconds = endSeconds - startSeconds
    const nanos = endNanos - startNanos
    return nanos < 0 ? [seconds - 1, nanos + 1_000_000_000] : [seconds, nanos]
  }

  get ended(): boolean {
    return this.#ended
  }

  get status(): SpanStatus {
    const { statusCode, statusMessage } = this.#record
    return statusMessage === undefined ? { code: statusCode } : { code: statusCode, message: statusMessage }
  }

  get attributes(): Attributes {
    if (!this.#ended) return plain(this.#record.attributes)
    this.#attributes ??= plain(this.#record.attributes)
    return this.#attributes
  }

  get events(): ProcessedEvent[] {
    return this.#record.events.map(({ name, timeSeconds, timeNanos, attributes }) => ({
      name,
      time: [timeSeconds, timeNanos],
      attributes: plain(attributes),
      droppedAttributesCount: attributes.droppedCount,
    }))
  }

  get links(): (Link & { droppedAttributesCount: number })[] {
    return this.#record.links.map(({ traceId, spanId, traceFlags, traceState, isRemote, attributes }) => ({
      context: { traceId, spanId, traceFlags, isRemote, ...stateOf(traceState) },
      attributes: plain(attributes),
      droppedAttributesCount: attributes.droppedCount,
    }))
  }

  get parentSpanContext(): SpanContext | undefined {
    return this.#parent
  }

  /** SDK 1.x. */
  get parentSpanId(): string | undefined {
    return this.#parent?.spanId
  }

  get resource(): ProcessedResource {
    return processedResource(currentResource())
  }

  get instrumentationScope(): { name: string; version?: string; schemaUrl?: string } {
    const { name, version, schemaUrl } = this.#record.scope
    return { name, ...(version !== undefined && { version }), ...(schemaUrl !== undefined && { schemaUrl }) }
  }

  /** SDK 1.x. */
  get instrumentationLibrary(): { name: string; version?: string; schemaUrl?: string } {
    return this.instrumentationScope
  }

  get droppedAttributesCount(): number {
    return this.#record.attributes.droppedCount
  }

  get droppedEventsCount(): number {
    return this.#record.droppedEventsCount
  }

  get droppedLinksCount(): number {
    return this.#record.droppedLinksCount
  }

  spanContext(): SpanContext {
    return this.#spanContext
  }

  isRecording(): boolean {
    return this.#span.isRecording()
  }

  setAttribute(...given: Parameters<Span['setAttribute']>): this {
    this.#span.setAttribute(...given)
    return this
  }

  setAttributes(attributes: Attributes): this {
    this.#span.setAttributes(attributes)
    return this
  }

  addEvent(...given: Parameters<Span['addEvent']>): this {
    this.#span.addEvent(...given)
    return this
  }

  addLink(link: Link): this {
    this.#span.addLink(link)
    return this
  }

  addLinks(links: Link[]): this {
    this.#span.addLinks(links)
    return this
  }

  setStatus(status: SpanStatus): this {
    this.#span.setStatus(status)
    return this
  }

  updateName(name: string): this {
    this.#span.updateName(name)
    return this
  }

  recordException(...given: Parameters<Span['recordException']>): void {
    this.#span.recordException(...given)
  }

  end(time?: TimeInput): void {
    this.#span.end(time)
  }
}

function plain(attributes: AttributeList): Attributes {
  return Object.fromEntries(attributes)
}

function stateOf(header: string | undefined): Pick<SpanContext, 'traceState'> | undefined {
  const traceState = header === undefined ? undefined : parseTraceState(header)
  return traceState && { traceState }
}

/** An ended span as OpenTelemetry's exporters read it. It keeps `record`. */
export function readableSpan(record: SpanRecord): ProcessedSpan {
  const { traceId, spanId, parentSpanId, parentIsRemote, traceFlags, traceState } = record
  const context = { traceId, spanId, traceFlags, ...stateOf(traceState) }
  const parent =
    parentSpanId === undefined ? undefined : { ...context, spanId: parentSpanId, isRemote: parentIsRemote }
  const readable = new ProcessedSpan(new NonRecordingSpan(context), record, parent)
  readable.freeze()
  return readable
}
