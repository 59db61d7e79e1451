/** Calls `onField` with the number of a varint field, and with the bytes of any other. Throws RangeError for malformed bytes. */
export function readMessage(
  bytes: Uint8Array,
  onField: (field: number, value: number | Uint8Array) => void,
): void {
  for (let at = 0; at < bytes.length; ) {
    const [tag, afterTag] = varint(bytes, at)
    const field = Math.floor(tag / 8)
    if (tag % 8 === 0) {
      const [value, next] = varint(bytes, afterTag)
      onField(field, value)
      at = next
    } else {
      const [length, start] = contentOf(tag % 8, bytes, afterTag)
      if (start + length > bytes.length) throw new RangeError('truncated')
      onField(field, bytes.subarray(start, start + length))
      at = start + length
    }
  }
}

export function readVarints(bytes: Uint8Array): number[] {
  const values: number[] = []
  for (let at = 0; at < bytes.length; ) {
    const [value, next] = varint(bytes, at)
    values.push(value)
    at = next
  }
  return values
}

export function readDouble(bytes: Uint8Array): number {
  return Buffer.from(bytes).readDoubleLE(0)
}

function contentOf(wireType: number, bytes: Uint8Array, at: number): [length: number, start: number] {
  if (wireType === 2) return varint(bytes, at)
  if (wireType === 1) return [8, at]
  if (wireType === 5) return [4, at]
  throw new RangeError(`wire type ${wireType}`)
}

function varint(bytes: Uint8Array, start: number): [value: number, next: number] {
  let value = 0
  for (let at = start, factor = 1; ; at++, factor *= 0x80) {
    const byte = bytes[at]
    if (byte === undefined) throw new RangeError('truncated')
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return [value, at + 1]
  }
}
