import type { ProtobufWriter, SpanEvent, SpanLink, SpanRecord } from '@hashira/core'
import { writeAttributes } from './any-value'

/** Guess of a span's length: from 128 to 16,383 bytes its length takes two bytes, and nothing is moved. */
const EXPECTED_SPAN_BYTES = 600
const EXPECTED_ITEM_BYTES = 200
/** More than all fields of a span, event or link take that are neither text nor attributes. */
const FIXED_FIELDS = 128

const FLAG_REMOTE_KNOWN = 0x100
const FLAG_REMOTE = 0x200

/** `flags` of Span and Link: the W3C trace flags, and whether the parent (or the link's target) is remote. */
export function spanFlags(traceFlags: number, isRemote: boolean): number {
  return (traceFlags & 0xff) | FLAG_REMOTE_KNOWN | (isRemote ? FLAG_REMOTE : 0)
}

/** OTLP's SpanKind: one more than the API's; 0 (unspecified) for what is none. */
export function spanKind(kind: number): number {
  return kind === 0 || kind === 1 || kind === 2 || kind === 3 || kind === 4 ? kind + 1 : 0
}

/** OTLP's StatusCode is the API's; 0 (unset) for what is none. */
export function spanStatus(code: number): number {
  return code === 1 || code === 2 ? code : 0
}

/** Writes one `spans` field of ScopeSpans. */
export function writeSpan(writer: ProtobufWriter, record: SpanRecord): void {
  writer.reserve(FIXED_FIELDS)
  writer.byte(0x12)
  const start = writer.begin(EXPECTED_SPAN_BYTES)
  writeIdentity(writer, record)
  writer.reserve(FIXED_FIELDS)
  writer.byte(0x30)
  writer.byte(spanKind(record.kind))
  writer.byte(0x39)
  writer.unixNanos(record.startSeconds, record.startNanos)
  writer.byte(0x41)
  writer.unixNanos(record.endSeconds, record.endNanos)
  writeAttributes(writer, 0x4a, record.attributes.flat)
  writer.reserve(FIXED_FIELDS)
  writeCount(writer, 0x50, record.attributes.droppedCount)
  for (const event of record.events) writeEvent(writer, event)
  writer.reserve(FIXED_FIELDS)
  writeCount(writer, 0x60, record.droppedEventsCount)
  for (const link of record.links) writeLink(writer, link)
  writer.reserve(FIXED_FIELDS)
  writeCount(writer, 0x70, record.droppedLinksCount)
  writeStatus(writer, record.statusCode, record.statusMessage)
  writer.reserve(FIXED_FIELDS)
  writer.byte(0x85)
  writer.byte(0x01)
  writer.fixed32(spanFlags(record.traceFlags, record.parentIsRemote))
  writer.end(start, EXPECTED_SPAN_BYTES)
}

function writeIdentity(writer: ProtobufWriter, record: SpanRecord): void {
  writer.byte(0x0a)
  writer.id(record.traceId, 16)
  writer.byte(0x12)
  writer.id(record.spanId, 8)
  writeText(writer, 0x1a, record.traceState)
  if (record.parentSpanId !== undefined) {
    writer.reserve(FIXED_FIELDS)
    writer.byte(0x22)
    writer.id(record.parentSpanId, 8)
  }
  writeText(writer, 0x2a, record.name)
}

function writeEvent(writer: ProtobufWriter, event: SpanEvent): void {
  writer.reserve(FIXED_FIELDS)
  writer.byte(0x5a)
  const start = writer.begin(EXPECTED_ITEM_BYTES)
  writer.byte(0x09)
  writer.unixNanos(event.timeSeconds, event.timeNanos)
  writeText(writer, 0x12, event.name)
  writeAttributes(writer, 0x1a, event.attributes.flat)
  writer.reserve(FIXED_FIELDS)
  writeCount(writer, 0x20, event.attributes.droppedCount)
  writer.end(start, EXPECTED_ITEM_BYTES)
}

function writeLink(writer: ProtobufWriter, link: SpanLink): void {
  writer.reserve(FIXED_FIELDS)
  writer.byte(0x6a)
  const start = writer.begin(EXPECTED_ITEM_BYTES)
  writer.byte(0x0a)
  writer.id(link.traceId, 16)
  writer.byte(0x12)
  writer.id(link.spanId, 8)
  writeText(writer, 0x1a, link.traceState)
  writeAttributes(writer, 0x22, link.attributes.flat)
  writer.reserve(FIXED_FIELDS)
  writeCount(writer, 0x28, link.attributes.droppedCount)
  writer.byte(0x35)
  writer.fixed32(spanFlags(link.traceFlags, link.isRemote))
  writer.end(start, EXPECTED_ITEM_BYTES)
}

function writeStatus(writer: ProtobufWriter, statusCode: number, message: string | undefined): void {
  const code = spanStatus(statusCode)
  if (code === 0 && !message) return
  const expected = (message?.length ?? 0) + 4
  writer.byte(0x7a)
  const start = writer.begin(expected)
  writeText(writer, 0x12, message)
  writer.reserve(FIXED_FIELDS)
  writer.byte(0x18)
  writer.byte(code)
  writer.end(start, expected)
}

function writeText(writer: ProtobufWriter, tag: number, text: string | undefined): void {
  if (text === undefined || text === '') return
  writer.byte(tag)
  writer.text(text)
}

function writeCount(writer: ProtobufWriter, tag: number, count: number): void {
  if (count === 0) return
  writer.byte(tag)
  writer.uint32(count)
}
