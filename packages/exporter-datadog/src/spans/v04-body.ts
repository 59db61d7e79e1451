import type { Buffer } from 'node:buffer'
import { encodedText, MsgpackWriter } from '../msgpack/msgpack-writer'
import type { AttributeKey } from './attribute-keys'
import type { IdentityTags } from './identity-tags'
import { truncated, VALUE_LIMIT } from './limits'
import type { SpanBody } from './span-body'
import { writeEvents } from './span-events'
import type { TagBlock } from './tag-block'
import { TraceChunks } from './trace-chunks'
import { type TaggedSpan, type TagRules, type TagSink, writeNumbers, writeTexts } from './write-tags'

const NUMBER = [0, 0, 0, 0, 0, 0, 0, 0, 0]

/** The fields that have the same length in every span: copied at once, and their numbers filled in. */
const TEMPLATE = template(0x8c)
const TEMPLATE_WITH_EVENTS = template(0x8d)
const AT = {
  traceId: bytesOf(0x8c, 'trace_id').length,
  spanId: bytesOf(0x8c, 'trace_id', ...NUMBER, 'span_id').length,
  parentId: bytesOf(0x8c, 'trace_id', ...NUMBER, 'span_id', ...NUMBER, 'parent_id').length,
  start: TEMPLATE.length - bytesOf(...NUMBER, 'duration', ...NUMBER).length,
  duration: TEMPLATE.length - NUMBER.length,
}

/** What stands before the rest, with the field before where that is one of two. */
const PIECE = {
  ok: bytesOf('error', 0, 'service'),
  error: bytesOf('error', 1, 'service'),
  name: bytesOf('name'),
  resource: bytesOf('resource'),
  type: bytesOf('type'),
  // The maps' own headers, whose four bytes of length come later.
  meta: bytesOf('meta', 0xdf),
  metrics: bytesOf('metrics', 0xdf),
  events: bytesOf('span_events'),
}
/** More than all fields of a span take that are neither text nor tags. */
const FIXED_FIELDS = 160

/** `/v0.4/traces`: an array of traces, each an array of maps with the fields of datadog-agent's `span.proto` as keys. */
export class V04Body implements SpanBody, TagSink {
  readonly #own: IdentityTags
  readonly #rules: TagRules
  readonly #spans = new MsgpackWriter()
  readonly #chunks = new TraceChunks()
  #tagCount = 0

  /** @param hasEvents the agent takes `span_events` */
  constructor(own: IdentityTags, hasEvents: boolean) {
    this.#own = own
    this.#rules = { hasSpanFields: false, hasEvents, hasLinks: false }
  }

  get byteLength(): number {
    return this.#spans.position
  }

  get chunkCount(): number {
    return this.#chunks.count
  }

  isNewTrace(traceId: string): boolean {
    return this.#chunks.isNew(traceId)
  }

  append(span: TaggedSpan): void {
    const writer = this.#spans
    const mark = writer.position
    try {
      this.#write(writer, span)
    } catch (error) {
      writer.rollback(mark)
      throw error
    }
    this.#chunks.add(span.record.traceId, writer.position)
  }

  #write(writer: MsgpackWriter, span: TaggedSpan): void {
    const { record, facts } = span
    const hasEvents = this.#rules.hasEvents && record.events.length > 0
    writer.reserve(FIXED_FIELDS)
    const start = writer.position
    writer.raw(hasEvents ? TEMPLATE_WITH_EVENTS : TEMPLATE)
    const end = writer.position
    writer.position = start + AT.traceId
    writer.hex64(record.traceId, 16)
    writer.position = start + AT.spanId
    writer.hex64(record.spanId, 0)
    writer.position = start + AT.parentId
    writer.hex64(record.parentSpanId, 0)
    writer.position = start + AT.start
    writer.nanoseconds(record.startSeconds, record.startNanos)
    writer.position = start + AT.duration
    writer.nanoseconds(record.endSeconds - record.startSeconds, record.endNanos - record.startNanos)
    writer.position = end
    writer.pair(facts.isError ? PIECE.error : PIECE.ok, facts.service)
    writer.pair(PIECE.name, facts.name)
    writer.pair(PIECE.resource, facts.resource)
    writer.pair(PIECE.type, facts.type)
    const texts = this.#begin(writer, PIECE.meta)
    writeTexts(this, span, this.#own, this.#rules)
    writer.end(texts, this.#tagCount)
    const numbers = this.#begin(writer, PIECE.metrics)
    writeNumbers(this, span, this.#rules)
    writer.end(numbers, this.#tagCount)
    if (hasEvents) {
      writer.raw(PIECE.events)
      writeEvents(writer, record.events)
    }
  }

  #begin(writer: MsgpackWriter, piece: Uint8Array): number {
    writer.reserve(FIXED_FIELDS)
    writer.short(piece)
    writer.position += 4
    this.#tagCount = 0
    return writer.position
  }

  text(key: AttributeKey, value: string): void {
    this.#tagCount++
    this.#spans.pair(key.encoded, value.length > VALUE_LIMIT ? truncated(value, VALUE_LIMIT) : value)
  }

  block({ encoded, count }: TagBlock): void {
    this.#tagCount += count
    this.#spans.raw(encoded)
  }

  number(key: AttributeKey, value: number): void {
    this.#tagCount++
    this.#spans.floatPair(key.encoded, value)
  }

  take(headLength: number): Buffer {
    const whole = new MsgpackWriter(headLength + 5 + 5 * this.#chunks.count + this.#spans.position)
    whole.position = headLength
    whole.array(this.#chunks.count)
    this.#chunks.take(this.#spans, whole, (_chunk, spanCount) => whole.array(spanCount))
    this.#spans.rollback(0)
    return whole.buffer.subarray(0, whole.position)
  }
}

function template(head: number): Uint8Array {
  const ids = ['trace_id', ...NUMBER, 'span_id', ...NUMBER, 'parent_id', ...NUMBER]
  return bytesOf(head, ...ids, 'start', ...NUMBER, 'duration', ...NUMBER)
}

function bytesOf(...parts: readonly (string | number)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'number' ? [part] : [...encodedText(part)])),
  )
}
