import { type LogRecord, lengthSize, type ProtobufWriter } from '@hashira/core'
import { writeAttributes } from './any-value'

/** Guess of a record's length: from 128 to 16,383 bytes its length takes two bytes, and nothing is moved. */
const EXPECTED_BYTES = 400
/** More than all fields take that are neither text nor attributes. */
const FIXED_FIELDS = 128

/** OTLP's SeverityNumber; 0 (unspecified) for what is none. */
export function logSeverity(severity: number): number {
  return Number.isInteger(severity) && severity >= 1 && severity <= 24 ? severity : 0
}

/** Writes one `logRecords` field of ScopeLogs. A record is observed when it is made, so both its times are the same. */
export function writeLog(writer: ProtobufWriter, record: LogRecord): void {
  writer.reserve(FIXED_FIELDS)
  writer.byte(0x12)
  const start = writer.begin(EXPECTED_BYTES)
  writer.byte(0x09)
  writer.unixNanos(record.timeSeconds, record.timeNanos)
  writer.byte(0x10)
  writer.byte(logSeverity(record.severityNumber))
  if (record.severityText) {
    writer.byte(0x1a)
    writer.text(record.severityText)
  }
  writeBody(writer, record.body)
  writeAttributes(writer, 0x32, record.attributes.flat)
  writer.reserve(FIXED_FIELDS)
  writeDropped(writer, record.attributes.droppedCount)
  writeTrace(writer, record)
  writer.byte(0x59)
  writer.unixNanos(record.timeSeconds, record.timeNanos)
  writer.end(start, EXPECTED_BYTES)
}

/** `undefined` is no body; an empty message is one. */
function writeBody(writer: ProtobufWriter, body: string | undefined): void {
  if (body === undefined) return
  const text = String(body)
  const expected = text.length + 1 + lengthSize(text.length)
  writer.reserve(FIXED_FIELDS)
  writer.byte(0x2a)
  const start = writer.begin(expected)
  writer.byte(0x0a)
  writer.text(text)
  writer.end(start, expected)
}

function writeDropped(writer: ProtobufWriter, count: number): void {
  if (count === 0) return
  writer.byte(0x38)
  writer.uint32(count)
}

/** Only the W3C flags: the others of `flags` are those of spans. */
function writeTrace(writer: ProtobufWriter, { traceId, spanId, traceFlags }: LogRecord): void {
  if (traceId === undefined || spanId === undefined) return
  writer.byte(0x45)
  writer.fixed32(traceFlags & 0xff)
  writer.byte(0x4a)
  writer.id(traceId, 16)
  writer.byte(0x52)
  writer.id(spanId, 8)
}
