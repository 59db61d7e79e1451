import type { Buffer } from 'node:buffer'
import { MsgpackWriter } from '../msgpack/msgpack-writer'
import type { AttributeKey } from './attribute-keys'
import type { IdentityTags } from './identity-tags'
import { truncated, VALUE_LIMIT } from './limits'
import type { SpanBody } from './span-body'
import { StringTable } from './string-table'
import type { TagBlock } from './tag-block'
import { TraceChunks } from './trace-chunks'
import { type TaggedSpan, type TagRules, type TagSink, writeNumbers, writeTexts } from './write-tags'

const RULES: TagRules = { hasSpanFields: false, hasEvents: false, hasLinks: false }
/** More than all fields of a span take that are not tags. */
const FIXED_FIELDS = 96
/** An index and a number, or two indexes. */
const TAG = 14

/**
 * `/v0.5/traces`: a dictionary of all texts, and traces as arrays of spans, which are arrays of twelve with indexes in place of
 * texts (datadog-agent `pkg/trace/api/version.go`). Nothing may be nil. It has no place for events and links: they are tags.
 */
export class V05Body implements SpanBody, TagSink {
  readonly #own: IdentityTags
  readonly #spans = new MsgpackWriter()
  readonly #strings = new StringTable()
  readonly #chunks = new TraceChunks()
  #tagCount = 0

  constructor(own: IdentityTags) {
    this.#own = own
  }

  get byteLength(): number {
    return this.#spans.position + this.#strings.byteLength
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
      // What it has put into the dictionary may stay.
      writer.rollback(mark)
      throw error
    }
    this.#chunks.add(span.record.traceId, writer.position)
  }

  #write(writer: MsgpackWriter, span: TaggedSpan): void {
    const { record, facts } = span
    const strings = this.#strings
    writer.reserve(FIXED_FIELDS)
    writer.byte(0x9c)
    writer.uint(strings.index(facts.service))
    writer.uint(strings.index(facts.name))
    writer.uint(strings.index(facts.resource))
    writer.hex64(record.traceId, 16)
    writer.hex64(record.spanId, 0)
    writer.hex64(record.parentSpanId, 0)
    writer.nanoseconds(record.startSeconds, record.startNanos)
    writer.nanoseconds(record.endSeconds - record.startSeconds, record.endNanos - record.startNanos)
    writer.byte(facts.isError ? 1 : 0)
    const texts = writer.begin('map')
    this.#tagCount = 0
    writeTexts(this, span, this.#own, RULES)
    writer.end(texts, this.#tagCount)
    writer.reserve(FIXED_FIELDS)
    const numbers = writer.begin('map')
    this.#tagCount = 0
    writeNumbers(this, span, RULES)
    writer.end(numbers, this.#tagCount)
    writer.reserve(TAG)
    writer.uint(strings.index(facts.type))
  }

  text(key: AttributeKey, value: string): void {
    this.#tagCount++
    this.#spans.reserve(TAG)
    this.#spans.uint(this.#strings.indexOfKey(key))
    this.#spans.uint(this.#strings.index(value.length > VALUE_LIMIT ? truncated(value, VALUE_LIMIT) : value))
  }

  block(block: TagBlock): void {
    this.#tagCount += block.count
    this.#spans.raw(this.#strings.encodedBlock(block))
  }

  number(key: AttributeKey, value: number): void {
    this.#tagCount++
    this.#spans.reserve(TAG)
    this.#spans.uint(this.#strings.indexOfKey(key))
    this.#spans.float(value)
  }

  take(headLength: number): Buffer {
    const whole = new MsgpackWriter(headLength + 11 + 5 * this.#chunks.count + this.byteLength)
    whole.position = headLength
    whole.byte(0x92)
    this.#strings.take(whole)
    whole.array(this.#chunks.count)
    this.#chunks.take(this.#spans, whole, (_chunk, spanCount) => whole.array(spanCount))
    this.#spans.rollback(0)
    return whole.buffer.subarray(0, whole.position)
  }
}
