import type { AttributeList, SpanEvent, SpanLink } from '@hashira/core'
import type { MsgpackWriter } from '../msgpack/msgpack-writer'
import { KEY_LIMIT, truncated, VALUE_LIMIT } from './limits'

export const TEXT = 1
export const BOOLEAN = 2
export const DOUBLE = 3
export const INTEGER = 4
const ARRAY = 6
/** Bit 31: the flags are known. */
const FLAGS_KNOWN = 0x8000_0000
/** More than what is not text in an event, link or value takes. */
const OVERHEAD = 80

/** Field 12 of a span: datadog-agent `idx/span.go`, SpanEvent. */
export function writeEvents(writer: MsgpackWriter, events: readonly SpanEvent[]): void {
  writer.reserve(5)
  writer.array(events.length)
  for (const { name, timeSeconds, timeNanos, attributes } of events) {
    writer.reserve(OVERHEAD)
    writer.byte(0x83)
    writer.byte(1)
    writer.nanoseconds(timeSeconds, timeNanos)
    writer.byte(2)
    writer.text(truncated(String(name), VALUE_LIMIT))
    writer.reserve(OVERHEAD)
    writer.byte(3)
    writeAttributes(writer, attributes)
  }
}

/** Field 11 of a span. */
export function writeLinks(writer: MsgpackWriter, links: readonly SpanLink[]): void {
  writer.reserve(5)
  writer.array(links.length)
  for (const { traceId, spanId, attributes, traceState = '', traceFlags } of links) {
    writer.reserve(OVERHEAD)
    writer.byte(0x85)
    writer.byte(1)
    writeTraceId(writer, traceId)
    writer.byte(2)
    writer.hex64(spanId, 0)
    writer.byte(3)
    writeAttributes(writer, attributes)
    writer.byte(4)
    writer.text(truncated(traceState, VALUE_LIMIT))
    writer.reserve(OVERHEAD)
    writer.byte(5)
    writer.uint(((traceFlags & 0xff) | FLAGS_KNOWN) >>> 0)
  }
}

/** 16 bytes of binary; 18 in all. */
export function writeTraceId(writer: MsgpackWriter, traceId: string): void {
  writer.byte(0xc4)
  writer.byte(16)
  const bytes = Buffer.alloc(16)
  bytes.write(traceId, 'hex')
  writer.short(bytes)
}

/** A flat array: key, type, value. Leaves room behind it. */
function writeAttributes(writer: MsgpackWriter, attributes: AttributeList): void {
  writer.array(attributes.size * 3)
  for (const [key, value] of attributes) {
    writer.text(truncated(String(key), KEY_LIMIT))
    writeValue(writer, value)
  }
  writer.reserve(OVERHEAD)
}

function writeValue(writer: MsgpackWriter, value: unknown): void {
  writer.reserve(OVERHEAD)
  if (Array.isArray(value)) {
    writer.byte(ARRAY)
    writer.array(value.length * 2)
    for (const item of value) writeValue(writer, Array.isArray(item) ? String(item) : item)
  } else if (typeof value === 'boolean') {
    writer.byte(BOOLEAN)
    writer.byte(value ? 0xc3 : 0xc2)
  } else if (Number.isSafeInteger(value)) {
    writer.byte(INTEGER)
    writer.int(value as number)
  } else if (typeof value === 'number' && Number.isFinite(value)) {
    writer.byte(DOUBLE)
    writer.float(value)
  } else {
    writer.byte(TEXT)
    writer.text(truncated(String(value), VALUE_LIMIT))
  }
}
