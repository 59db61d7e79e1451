import { Buffer } from 'node:buffer'
import { ProtobufWriter } from '@hashira/core'
import { ipBytes } from './ip-bytes'
import type { Annotation, Endpoint, ZipkinKind, ZipkinSpan } from './zipkin-span'
import type { SpanFormat } from './zipkin-span-encoder'

const KIND_NUMBERS: Readonly<Record<ZipkinKind, number>> = { CLIENT: 1, SERVER: 2, PRODUCER: 3, CONSUMER: 4 }
/** More than all fields take that are neither text nor repeated. */
const FIXED_FIELDS = 128
/** Guesses: from 128 to 16,383 bytes a length takes two bytes, and nothing is moved. */
const EXPECTED_SPAN_BYTES = 600
const EXPECTED_ITEM_BYTES = 60

/** One for all: a span is written in one go and copied. */
const writer = new ProtobufWriter()

/** `ListOfSpans` of zipkin.proto 3, field by field as https://github.com/openzipkin/zipkin-api has it. */
export const protobufFormat: SpanFormat = {
  contentType: 'application/x-protobuf',
  encode(span) {
    writer.rollback(0)
    writeSpan(span)
    return writer.written()
  },
  join: (spans) => Buffer.concat(spans),
}

function writeSpan(span: ZipkinSpan): void {
  writer.reserve(FIXED_FIELDS)
  writer.byte(0x0a)
  const start = writer.begin(EXPECTED_SPAN_BYTES)
  writeIdentity(span)
  if (span.timestamp !== undefined) {
    writer.byte(0x31)
    writer.fixed64(span.timestamp)
  }
  writer.byte(0x38)
  writer.int64(span.duration)
  writeEndpoint(0x42, span.localEndpoint)
  if (span.remoteEndpoint !== undefined) writeEndpoint(0x4a, span.remoteEndpoint)
  for (const annotation of span.annotations) writeAnnotation(annotation)
  for (const [key, value] of span.tags) writeTag(key, value)
  writer.end(start, EXPECTED_SPAN_BYTES)
}

function writeIdentity({ traceId, parentId, id, kind, name }: ZipkinSpan): void {
  writer.byte(0x0a)
  writer.id(traceId, traceId.length / 2)
  if (parentId !== undefined) {
    writer.byte(0x12)
    writer.id(parentId, 8)
  }
  writer.byte(0x1a)
  writer.id(id, 8)
  if (kind !== undefined) {
    writer.byte(0x20)
    writer.byte(KIND_NUMBERS[kind])
  }
  writeText(0x2a, name)
  writer.reserve(FIXED_FIELDS)
}

function writeEndpoint(tag: number, endpoint: Endpoint): void {
  const { serviceName, ipv4, ipv6, port } = endpoint
  writer.reserve(FIXED_FIELDS)
  writer.byte(tag)
  const start = writer.begin(EXPECTED_ITEM_BYTES)
  writeText(0x0a, serviceName)
  writeBytes(0x12, ipv4)
  writeBytes(0x1a, ipv6)
  if (port !== undefined) {
    writer.reserve(FIXED_FIELDS)
    writer.byte(0x20)
    writer.uint32(port)
  }
  writer.end(start, EXPECTED_ITEM_BYTES)
}

function writeAnnotation({ timestamp, value }: Annotation): void {
  writer.reserve(FIXED_FIELDS)
  writer.byte(0x52)
  const start = writer.begin(EXPECTED_ITEM_BYTES)
  writer.byte(0x09)
  writer.fixed64(timestamp)
  // Even when it is empty: an annotation without a value is none.
  writer.byte(0x12)
  writer.text(value)
  writer.end(start, EXPECTED_ITEM_BYTES)
}

/** An entry of a map: `{ key, value }`. */
function writeTag(key: string, value: string): void {
  writer.reserve(FIXED_FIELDS)
  writer.byte(0x5a)
  const start = writer.begin(EXPECTED_ITEM_BYTES)
  writer.byte(0x0a)
  writer.text(key)
  writer.reserve(FIXED_FIELDS)
  writer.byte(0x12)
  writer.text(value)
  writer.end(start, EXPECTED_ITEM_BYTES)
}

function writeText(tag: number, text: string | undefined): void {
  if (text === undefined || text === '') return
  writer.reserve(FIXED_FIELDS)
  writer.byte(tag)
  writer.text(text)
}

function writeBytes(tag: number, address: string | undefined): void {
  const bytes = address === undefined ? [] : ipBytes(address)
  if (bytes.length === 0) return
  writer.reserve(FIXED_FIELDS)
  writer.byte(tag)
  writer.byte(bytes.length)
  for (const byte of bytes) writer.byte(byte)
}
