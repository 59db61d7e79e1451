import type { Buffer } from 'node:buffer'
import { MsgpackWriter } from '../msgpack/msgpack-writer'
import { VERSION } from '../version'
import { type AttributeKey, SLOT } from './attribute-keys'
import { RUNTIME_ID } from './identity'
import type { IdentityTags } from './identity-tags'
import { cut, NAME_LIMIT, truncated, VALUE_LIMIT } from './limits'
import type { SpanBody } from './span-body'
import type { TagBlock } from './tag-block'
import { TraceChunks } from './trace-chunks'
import type { TraceDecision } from './trace-decision'
import { DOUBLE, TEXT, writeEvents, writeLinks, writeTraceId } from './v10-values'
import { type TaggedSpan, type TagRules, type TagSink, writeNumbers, writeTexts } from './write-tags'

const RULES: TagRules = { hasSpanFields: true, hasEvents: true, hasLinks: true }
/** But for the origin. */
const CHUNK_HEAD = 48
/** More than all fields of a span take that are neither text nor tags. */
const FIXED_FIELDS = 128

function withType({ encoded }: AttributeKey, type: number): Uint8Array {
  return Uint8Array.from([...encoded, type])
}

interface ChunkHead {
  readonly traceId: string
  decision: TraceDecision | undefined
}

/**
 * `/v1.0/traces`: maps with numbers as keys, as the agent reads them (datadog-agent `pkg/proto/pbgo/trace/idx`).
 *
 * The format lets a text that was sent once be referred to by the order in which texts first came. Spans of a trace are put
 * together only when the batch is closed, which changes that order, so every text is written out: what `/v0.4` does as well.
 */
export class V10Body implements SpanBody, TagSink {
  readonly #own: IdentityTags
  readonly #head: Uint8Array
  readonly #spans = new MsgpackWriter()
  readonly #chunks = new TraceChunks()
  #chunkHeads: ChunkHead[] = []
  #chunkHeadBytes = 0
  #tagCount = 0

  constructor(own: IdentityTags) {
    this.#own = own
    this.#head = payloadHead(own)
  }

  get byteLength(): number {
    return this.#head.length + this.#spans.position + this.#chunkHeadBytes
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
    const { record, decision } = span
    const chunk = this.#chunks.add(record.traceId, writer.position)
    if (span.isFirstOfChunk) {
      this.#chunkHeads.push({ traceId: record.traceId, decision })
      this.#chunkHeadBytes += CHUNK_HEAD + (decision?.origin === undefined ? 0 : 3 * NAME_LIMIT)
    }
    // Only the root surely knows why; the span that ended first may not.
    else if (record.parentSpanId === undefined && decision !== undefined)
      this.#chunkHeads[chunk]!.decision = decision
  }

  #write(writer: MsgpackWriter, span: TaggedSpan): void {
    const { record, facts } = span
    const { env, version } = this.#own.identity
    const hasLinks = record.links.length > 0
    const hasEvents = record.events.length > 0
    writer.reserve(FIXED_FIELDS)
    writer.byte(0xde)
    writer.byte(0)
    writer.byte(14 + (hasLinks ? 1 : 0) + (hasEvents ? 1 : 0))
    writer.byte(4)
    writer.hex64(record.spanId, 0)
    writer.byte(5)
    writer.hex64(record.parentSpanId, 0)
    writer.byte(6)
    writer.nanoseconds(record.startSeconds, record.startNanos)
    writer.byte(7)
    writer.nanoseconds(record.endSeconds - record.startSeconds, record.endNanos - record.startNanos)
    writer.byte(8)
    writer.byte(facts.isError ? 0xc3 : 0xc2)
    writer.byte(16)
    writer.byte(record.kind >= 0 && record.kind <= 4 ? record.kind + 1 : 0)
    writeField(writer, 1, facts.service)
    writeField(writer, 2, facts.name)
    writeField(writer, 3, facts.resource)
    writeField(writer, 10, facts.type)
    writeField(writer, 13, env)
    writeField(writer, 14, facts.isOtherService ? '' : version)
    writeField(writer, 15, facts.slots[SLOT.component] ?? record.scope.name)
    writer.reserve(FIXED_FIELDS)
    writer.byte(9)
    const tags = writer.begin('array')
    this.#tagCount = 0
    writeTexts(this, span, this.#own, RULES)
    writeNumbers(this, span, RULES)
    writer.end(tags, this.#tagCount * 3)
    writer.reserve(2)
    if (hasLinks) {
      writer.byte(11)
      writeLinks(writer, record.links)
      writer.reserve(1)
    }
    if (hasEvents) {
      writer.byte(12)
      writeEvents(writer, record.events)
    }
  }

  text(key: AttributeKey, value: string): void {
    this.#tagCount++
    key.typedText ??= withType(key, TEXT)
    this.#spans.pair(key.typedText, value.length > VALUE_LIMIT ? truncated(value, VALUE_LIMIT) : value)
  }

  block({ pairs }: TagBlock): void {
    for (const [key, value] of pairs) this.text(key, value)
  }

  number(key: AttributeKey, value: number): void {
    this.#tagCount++
    key.typedNumber ??= withType(key, DOUBLE)
    this.#spans.floatPair(key.typedNumber, value)
  }

  take(headLength: number): Buffer {
    const whole = new MsgpackWriter(headLength + 5 + 5 * this.#chunks.count + this.byteLength)
    whole.position = headLength
    whole.raw(this.#head)
    whole.array(this.#chunks.count)
    this.#chunks.take(this.#spans, whole, (chunk, spanCount) => {
      writeChunkHead(whole, this.#chunkHeads[chunk] as ChunkHead)
      whole.array(spanCount)
    })
    this.#spans.rollback(0)
    this.#chunkHeads = []
    this.#chunkHeadBytes = 0
    return whole.buffer.subarray(0, whole.position)
  }
}

/** 1 priority, 2 origin, 6 trace id, 7 mechanism, 4 spans. Field 5 (dropped) must not be written. */
function writeChunkHead(writer: MsgpackWriter, { traceId, decision }: ChunkHead): void {
  const { priority = 1, origin, mechanism } = decision ?? {}
  writer.map(3 + (origin === undefined ? 0 : 1) + (mechanism === undefined ? 0 : 1))
  writer.byte(1)
  writer.int(priority)
  writer.byte(6)
  writeTraceId(writer, traceId)
  if (mechanism !== undefined) {
    writer.byte(7)
    writer.uint(mechanism)
  }
  if (origin !== undefined) {
    writer.byte(2)
    writer.text(cut(origin, NAME_LIMIT))
  }
  writer.byte(4)
}

function writeField(writer: MsgpackWriter, field: number, text: string): void {
  writer.reserve(1)
  writer.byte(field)
  writer.text(text)
}

/** 3 language, 4 its version, 5 tracer version, 6 runtime id, 7 environment, 9 app version, 11 chunks. */
function payloadHead({ identity }: IdentityTags): Uint8Array {
  const writer = new MsgpackWriter(1024)
  writer.map(7)
  writeField(writer, 3, 'nodejs')
  writeField(writer, 4, process.version)
  writeField(writer, 5, VERSION)
  writeField(writer, 6, RUNTIME_ID)
  writeField(writer, 7, identity.env)
  writeField(writer, 9, identity.version)
  writer.reserve(1)
  writer.byte(11)
  return writer.written()
}
