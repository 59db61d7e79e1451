import { type FlatAttributes, lengthSize, type ProtobufWriter } from '@hashira/core'
import { encodedKey } from './encoded-keys'

/** Bytes of everything in a KeyValue that is not text. */
const KEY_VALUE_OVERHEAD = 32

/**
 * Writes flat attributes as repeated KeyValue with the one-byte tag `tag`.
 *
 * Safe integers are int64 (so 1 and 1.0 are one type, as in OpenTelemetry JS), other numbers double. A value of any other
 * type than an attribute may have becomes text; when even that throws, so does this.
 */
export function writeAttributes(writer: ProtobufWriter, tag: number, flat: FlatAttributes): void {
  for (let i = 0; i < flat.length; i += 2) {
    writeKeyValue(writer, tag, flat[i] as string, flat[i + 1], i >> 1)
  }
}

function writeKeyValue(
  writer: ProtobufWriter,
  tag: number,
  key: string,
  value: unknown,
  index: number,
): void {
  const encoded = encodedKey(key, index)
  if (encoded !== undefined && isShort(writer, tag, encoded, value)) return
  const valueLength = typeof value === 'string' ? value.length + 1 + lengthSize(value.length) : 9
  const length = key.length + valueLength + 4
  writer.reserve(KEY_VALUE_OVERHEAD)
  writer.byte(tag)
  const start = writer.begin(length)
  if (encoded === undefined) writeKey(writer, key)
  else writer.bytes(encoded)
  writer.reserve(KEY_VALUE_OVERHEAD)
  const valueStart = writer.begin(valueLength)
  writeAnyValue(writer, value)
  writer.end(valueStart, valueLength)
  writer.end(start, length)
}

/** Nearly every value: written whole, in one step. */
function isShort(writer: ProtobufWriter, tag: number, encodedKey: Uint8Array, value: unknown): boolean {
  if (typeof value === 'string') return writer.shortField(tag, encodedKey, value)
  return typeof value === 'number' && writer.shortInteger(tag, encodedKey, value)
}

function writeKey(writer: ProtobufWriter, key: string): void {
  writer.byte(0x0a)
  writer.text(key)
  writer.reserve(1)
  writer.byte(0x12)
}

function writeAnyValue(writer: ProtobufWriter, value: unknown): void {
  if (typeof value === 'string') {
    writer.byte(0x0a)
    writer.text(value)
  } else if (typeof value === 'number') {
    writeNumber(writer, value)
  } else if (typeof value === 'boolean') {
    writer.byte(0x10)
    writer.byte(value ? 1 : 0)
  } else if (value === null || value === undefined) {
    // An AnyValue without a field is an empty value.
  } else if (Array.isArray(value)) {
    writeArray(writer, value)
  } else {
    writer.byte(0x0a)
    writer.text(String(value))
  }
}

function writeNumber(writer: ProtobufWriter, value: number): void {
  if (Number.isSafeInteger(value)) {
    writer.byte(0x18)
    writer.int64(value)
  } else {
    writer.byte(0x21)
    writer.double(value)
  }
}

function writeArray(writer: ProtobufWriter, values: readonly unknown[]): void {
  const expected = values.length * 16
  writer.byte(0x2a)
  const start = writer.begin(expected)
  for (let i = 0; i < values.length; i++) {
    const value: unknown = values[i]
    const length = typeof value === 'string' ? value.length + 1 + lengthSize(value.length) : 9
    writer.reserve(KEY_VALUE_OVERHEAD)
    writer.byte(0x0a)
    const valueStart = writer.begin(length)
    // An array inside an array is no attribute value, and could be cyclic.
    writeAnyValue(writer, Array.isArray(value) ? String(value) : value)
    writer.end(valueStart, length)
  }
  writer.end(start, expected)
}
