import { Buffer } from 'node:buffer'
import { KEEP_BYTES } from '@hashira/core'

/** More than any span or batch may take; beyond it a write throws, and the span is dropped alone. */
const MAX_BYTES = 64 * 1024 * 1024

// Per string, 16 characters: by hand 30 ns, `Buffer.write` 50 ns; 32 characters: 75 and 50 ns (Node 20 and 24).
const BY_HAND_MAX_LENGTH = 24

const doubleValue = new Float64Array(1)
const doubleBytes = new Uint8Array(doubleValue.buffer)

const hexDigits = new Uint8Array(128)
for (let i = 0; i < 16; i++) {
  hexDigits[i.toString(16).charCodeAt(0)] = i
  hexDigits[i.toString(16).toUpperCase().charCodeAt(0)] = i
}

/** Bytes of a string's header by the length of its UTF-8. */
function headerSize(length: number): number {
  return length < 32 ? 1 : length < 0x100 ? 2 : length < 0x1_0000 ? 3 : 5
}

/**
 * Writes MessagePack into one growing buffer: https://github.com/msgpack/msgpack/blob/master/spec.md
 *
 * Only what needs many bytes ({@link text}, {@link pair}, {@link raw}) makes room for itself. For the rest the caller reserves once
 * for several small writes.
 */
export class MsgpackWriter {
  buffer: Buffer
  /** Where the next byte goes. Setting it back to an earlier value takes back what was written since. */
  position = 0

  constructor(initialBytes = 4096) {
    this.buffer = Buffer.allocUnsafeSlow(initialBytes)
  }

  /** Makes room for `count` more bytes. Throws when the buffer would get too large. */
  reserve(count: number): void {
    if (this.position + count > this.buffer.length) this.#grow(this.position + count)
  }

  #grow(needed: number): void {
    if (needed > MAX_BYTES) throw new RangeError(`more than ${MAX_BYTES} bytes`)
    const larger = Buffer.allocUnsafeSlow(Math.min(MAX_BYTES, Math.max(needed, this.buffer.length * 2)))
    larger.set(this.buffer.subarray(0, this.position))
    this.buffer = larger
  }

  byte(value: number): void {
    this.buffer[this.position++] = value
  }

  /** Four bytes, big-endian, without a format byte. */
  fixed32(value: number): void {
    const { buffer, position } = this
    buffer[position] = value >>> 24
    buffer[position + 1] = value >>> 16
    buffer[position + 2] = value >>> 8
    buffer[position + 3] = value
    this.position = position + 4
  }

  /** A whole number from 0 to 2^53 in its shortest form; takes up to nine bytes. */
  uint(value: number): void {
    if (value < 0x80) this.byte(value)
    else if (value < 0x1_0000) {
      this.byte(0xcd)
      this.byte(value >>> 8)
      this.byte(value)
    } else if (value < 0x1_0000_0000) {
      this.byte(0xce)
      this.fixed32(value)
    } else this.uint64(value)
  }

  /** A safe integer; takes up to nine bytes. */
  int(value: number): void {
    if (value >= 0) this.uint(value)
    else {
      const high = Math.floor(value / 0x1_0000_0000)
      this.byte(0xd3)
      this.fixed32(high)
      this.fixed32(value - high * 0x1_0000_0000)
    }
  }

  /** A whole number from 0 to 2^53 in nine bytes. */
  uint64(value: number): void {
    const high = Math.floor(value / 0x1_0000_0000)
    this.byte(0xcf)
    this.fixed32(high)
    this.fixed32(value - high * 0x1_0000_0000)
  }

  /**
   * Seconds and nanoseconds (which may be negative, as in a difference) as one number of nanoseconds in nine bytes. `seconds` up
   * to 2^32, otherwise 0; so is a sum below 0.
   *
   * With seconds = a * 2^16 + b the product fits two doubles: no BigInt, which costs several times more.
   */
  nanoseconds(seconds: number, nanos: number): void {
    const known = seconds >= 0 && seconds < 0x1_0000_0000 && (seconds > 0 || nanos >= 0)
    const a = known ? (seconds >>> 16) * 1e9 * 0x1_0000 : 0
    const b = known ? (seconds & 0xffff) * 1e9 + nanos : 0
    const aLow = a >>> 0
    const bLow = b >>> 0
    const low = aLow + bLow
    const high = (a - aLow) / 0x1_0000_0000 + (b - bLow) / 0x1_0000_0000 + (low > 0xffff_ffff ? 1 : 0)
    this.byte(0xcf)
    this.fixed32(high)
    this.fixed32(low)
  }

  /** Eight bytes of the hex digits of `text` from `offset` on, as a number of 64 bits; 0 when they are not there. Nine bytes. */
  hex64(text: string | undefined, offset: number): void {
    const { buffer } = this
    let position = this.position
    buffer[position++] = 0xcf
    if (text === undefined || text.length < offset + 16) {
      this.position = position
      this.fixed32(0)
      this.fixed32(0)
      return
    }
    for (let i = offset; i < offset + 16; i += 2) {
      const high = hexDigits[text.charCodeAt(i)] as number
      buffer[position++] = (high << 4) | (hexDigits[text.charCodeAt(i + 1)] as number)
    }
    this.position = position
  }

  /** A float64 in nine bytes. */
  float(value: number): void {
    doubleValue[0] = value
    const { buffer, position } = this
    buffer[position] = 0xcb
    for (let i = 0; i < 8; i++) buffer[position + 1 + i] = doubleBytes[7 - i] as number
    this.position = position + 9
  }

  /** The header of an array, up to five bytes. */
  array(length: number): void {
    this.#collection(length, 0x90, 0xdc)
  }

  /** The header of a map, up to five bytes. */
  map(length: number): void {
    this.#collection(length, 0x80, 0xde)
  }

  #collection(length: number, short: number, long: number): void {
    if (length < 16) this.byte(short | length)
    else if (length < 0x1_0000) {
      this.byte(long)
      this.byte(length >>> 8)
      this.byte(length)
    } else {
      this.byte(long + 1)
      this.fixed32(length)
    }
  }

  /** The header of a map or array of a length that is not known yet, five bytes; {@link end} fills it in. */
  begin(kind: 'map' | 'array'): number {
    this.byte(kind === 'map' ? 0xdf : 0xdd)
    this.position += 4
    return this.position
  }

  end(start: number, length: number): void {
    const { buffer } = this
    buffer[start - 4] = length >>> 24
    buffer[start - 3] = length >>> 16
    buffer[start - 2] = length >>> 8
    buffer[start - 1] = length
  }

  /** A string; a lone surrogate becomes U+FFFD. Makes room for itself. */
  text(text: string): void {
    const { length } = text
    this.reserve(3 * length + 5)
    if (length > BY_HAND_MAX_LENGTH) {
      this.#longText(text)
      return
    }
    const { buffer } = this
    const start = this.position + 1
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) {
        this.#longText(text)
        return
      }
      buffer[start + i] = code
    }
    buffer[start - 1] = 0xa0 | length
    this.position = start + length
  }

  #longText(text: string): void {
    const guess = headerSize(text.length)
    const length = this.buffer.write(text, this.position + guess, 'utf8')
    const size = headerSize(length)
    const start = this.position
    if (size !== guess) this.buffer.copyWithin(start + size, start + guess, start + guess + length)
    this.#textHeader(length)
    this.position = start + size + length
  }

  #textHeader(length: number): void {
    if (length < 32) this.byte(0xa0 | length)
    else if (length < 0x100) {
      this.byte(0xd9)
      this.byte(length)
    } else if (length < 0x1_0000) {
      this.byte(0xda)
      this.byte(length >>> 8)
      this.byte(length)
    } else {
      this.byte(0xdb)
      this.fixed32(length)
    }
  }

  /** Encoded bytes and a string behind them: a key of a map and its value. Makes room for itself. */
  pair(head: Uint8Array, text: string): void {
    const headLength = head.length
    const { length } = text
    this.reserve(headLength + 3 * length + 5)
    const { buffer } = this
    let at = this.position
    for (let i = 0; i < headLength; i++) buffer[at++] = head[i] as number
    this.position = at
    if (length > BY_HAND_MAX_LENGTH) {
      this.#longText(text)
      return
    }
    buffer[at++] = 0xa0 | length
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) {
        this.#longText(text)
        return
      }
      buffer[at++] = code
    }
    this.position = at
  }

  /** Encoded bytes and a float64 behind them. Makes room for itself. */
  floatPair(head: Uint8Array, value: number): void {
    const { length } = head
    this.reserve(length + 9)
    const { buffer } = this
    let at = this.position
    for (let i = 0; i < length; i++) buffer[at++] = head[i] as number
    this.position = at
    this.float(value)
  }

  /** Encoded bytes as they are. Makes room for itself. */
  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.buffer.set(bytes, this.position)
    this.position += bytes.length
  }

  /** A few encoded bytes, without making room: a loop is faster than a call up to about 30. */
  short(bytes: Uint8Array): void {
    const { buffer } = this
    let at = this.position
    for (let i = 0; i < bytes.length; i++) buffer[at++] = bytes[i] as number
    this.position = at
  }

  /** Takes back what was written since `position` was `mark`, and the memory that a huge span made the buffer take. */
  rollback(mark: number): void {
    this.position = mark
    if (this.buffer.length > KEEP_BYTES && mark < KEEP_BYTES / 2) {
      this.buffer = Buffer.concat([this.buffer.subarray(0, mark)], KEEP_BYTES)
    }
  }

  /** A copy of what was written. */
  written(): Buffer {
    return Buffer.from(this.buffer.subarray(0, this.position))
  }
}

/** Encodes a short text once, for {@link MsgpackWriter.raw} and its like. */
export function encodedText(text: string): Uint8Array {
  const writer = new MsgpackWriter(3 * text.length + 5)
  writer.text(text)
  return new Uint8Array(writer.written())
}
