import type { AttributeList, SpanEvent } from '@hashira/core'
import { encodedText, type MsgpackWriter } from '../msgpack/msgpack-writer'
import { KEY_LIMIT, truncated, VALUE_LIMIT } from './limits'

const KEY = {
  time: encodedText('time_unix_nano'),
  name: encodedText('name'),
  attributes: encodedText('attributes'),
  type: encodedText('type'),
  string: encodedText('string_value'),
  bool: encodedText('bool_value'),
  int: encodedText('int_value'),
  double: encodedText('double_value'),
  array: encodedText('array_value'),
  values: encodedText('values'),
}
/** More than what is neither key nor value of an attribute takes. */
const OVERHEAD = 64

/** `span_events` of `/v0.4`: datadog-agent `span.proto`, SpanEvent and AttributeAnyValue. */
export function writeEvents(writer: MsgpackWriter, events: readonly SpanEvent[]): void {
  writer.reserve(5)
  writer.array(events.length)
  for (const event of events) {
    writer.reserve(OVERHEAD)
    writer.map(event.attributes.size > 0 ? 3 : 2)
    writer.short(KEY.time)
    writer.nanoseconds(event.timeSeconds, event.timeNanos)
    writer.pair(KEY.name, truncated(String(event.name), VALUE_LIMIT))
    if (event.attributes.size > 0) writeAttributes(writer, event.attributes)
  }
}

function writeAttributes(writer: MsgpackWriter, attributes: AttributeList): void {
  writer.raw(KEY.attributes)
  writer.reserve(5)
  writer.map(attributes.size)
  for (const [key, value] of attributes) {
    writer.text(truncated(String(key), KEY_LIMIT))
    writeValue(writer, value)
  }
}

function writeValue(writer: MsgpackWriter, value: unknown): void {
  writer.reserve(OVERHEAD)
  writer.byte(0x82)
  writer.short(KEY.type)
  if (Array.isArray(value)) writeArray(writer, value)
  else if (typeof value === 'boolean') {
    writer.byte(1)
    writer.short(KEY.bool)
    writer.byte(value ? 0xc3 : 0xc2)
  } else if (Number.isSafeInteger(value)) {
    writer.byte(2)
    writer.short(KEY.int)
    writer.int(value as number)
  } else if (typeof value === 'number' && Number.isFinite(value)) {
    writer.byte(3)
    writer.short(KEY.double)
    writer.float(value)
  } else {
    writer.byte(0)
    writer.pair(KEY.string, truncated(String(value), VALUE_LIMIT))
  }
}

function writeArray(writer: MsgpackWriter, values: readonly unknown[]): void {
  writer.byte(4)
  writer.short(KEY.array)
  writer.byte(0x81)
  writer.short(KEY.values)
  writer.array(values.length)
  // An array inside an array is no attribute value, and could be cyclic.
  for (const value of values) writeValue(writer, Array.isArray(value) ? String(value) : value)
}
