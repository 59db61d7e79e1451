import type { FlatAttributes } from '@hashira/core'

/** A lone surrogate becomes U+FFFD, as it does in UTF-8. */
export function wellFormed(text: string): string {
  // In every supported Node, but not in the `es2023` library of TypeScript.
  return (String(text) as string & { toWellFormed(): string }).toWellFormed()
}

/** Unix nanoseconds as a decimal text. Seconds that are not between 0 and 2^32 give 0, as in the protobuf form. */
export function jsonUnixNanos(seconds: number, nanos: number): string {
  if (!(seconds >= 0 && seconds < 0x1_0000_0000)) return '0'
  const rest = nanos >= 0 && nanos < 1e9 ? Math.floor(nanos) : 0
  const text = `${Math.floor(seconds)}${String(rest).padStart(9, '0')}`
  return text.replace(/^0+(?=\d)/, '')
}

export function jsonUnixMs(unixMs: number): string {
  const seconds = Math.floor(unixMs / 1000)
  return jsonUnixNanos(seconds, Math.round((unixMs - seconds * 1000) * 1e6))
}

/** A whole number as decimal text; what is none gives 0, as in the protobuf form. */
export function jsonCount(value: number): string {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER ? String(Math.floor(value)) : '0'
}

const HEX = /^[0-9a-f]+$/i

/** An id of `digits` hex digits; what is none becomes empty, as collectors refuse a whole request for it. */
export function jsonId(text: string | undefined, digits: 16 | 32): string {
  return text?.length === digits && HEX.test(text) ? text : ''
}

/** JSON has no NaN and no infinities: OTLP writes their names. */
export function jsonDouble(value: number): number | string {
  return Number.isFinite(value) ? value : String(value)
}

/** Repeated KeyValue; `undefined` (so the field is left out) when there are none. */
export function jsonAttributes(flat: FlatAttributes): object[] | undefined {
  if (flat.length === 0) return undefined
  const attributes: object[] = []
  for (let i = 0; i < flat.length; i += 2) {
    attributes.push({ key: wellFormed(flat[i] as string), value: jsonAnyValue(flat[i + 1]) })
  }
  return attributes
}

/** The same choices as in the protobuf form, see {@link file://./any-value.ts}. */
function jsonAnyValue(value: unknown): object {
  if (value === null || value === undefined) return {}
  if (typeof value === 'string') return { stringValue: wellFormed(value) }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: jsonDouble(value) }
  }
  if (Array.isArray(value)) return { arrayValue: { values: Array.from(value, jsonElement) } }
  return { stringValue: wellFormed(String(value)) }
}

function jsonElement(value: unknown): object {
  return jsonAnyValue(Array.isArray(value) ? String(value) : value)
}

/** A field that is left out when it is zero or empty, as proto3 has it. */
export function unlessEmpty<T extends string | number>(value: T | undefined): T | undefined {
  return value === 0 || value === '' ? undefined : value
}
