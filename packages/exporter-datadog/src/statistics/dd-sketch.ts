import { ProtobufWriter } from '@hashira/core'

/** One percent: what the agent merges it with. */
const RELATIVE_ACCURACY = 0.01
const GAMMA = (1 + RELATIVE_ACCURACY) / (1 - RELATIVE_ACCURACY)
const MULTIPLIER = 1 / Math.log1p((2 * RELATIVE_ACCURACY) / (1 - RELATIVE_ACCURACY))
/** Nanoseconds from 1 to some 17 years; so no bucket ever has to be collapsed. */
const MAX_INDEX = 2_047

/**
 * How durations are spread, with percentiles right to one percent (DDSketch, http://www.vldb.org/pvldb/vol12/p2195-masson.pdf):
 * bucket i counts values from gamma^i to gamma^(i+1), as in Datadog's Go code. Its JavaScript library puts the same values one bucket
 * higher, which the agent reads as 2 % more.
 */
export class DdSketch {
  readonly #counts = new Map<number, number>()
  #zeroCount = 0
  count = 0

  /** @param value below 1 counts as zero */
  add(value: number): void {
    this.count++
    if (value < 1) {
      this.#zeroCount++
      return
    }
    const index = Math.min(Math.floor(Math.log(value) * MULTIPLIER), MAX_INDEX)
    this.#counts.set(index, (this.#counts.get(index) ?? 0) + 1)
  }

  /**
   * sketches-go `ddsketch.proto`: 1 mapping {1 gamma, 2 offset}, 2 positive values, 3 negative values, 4 zero count; values as a map (13 bytes a
   * bucket) or as counts side by side (8), whichever is shorter.
   */
  encode(): Uint8Array {
    const writer = new ProtobufWriter(256)
    writer.reserve(64)
    writer.byte(0x0a)
    writer.byte(18)
    writer.byte(0x09)
    writer.double(GAMMA)
    writer.byte(0x11)
    writer.double(0)
    this.#encodeStore(writer)
    // No negative values. Datadog's JavaScript library does not read a sketch without the field.
    writer.reserve(2)
    writer.byte(0x1a)
    writer.byte(0)
    if (this.#zeroCount > 0) {
      writer.reserve(16)
      writer.byte(0x21)
      writer.double(this.#zeroCount)
    }
    return writer.written()
  }

  #encodeStore(writer: ProtobufWriter): void {
    const indexes = [...this.#counts.keys()]
    if (indexes.length === 0) {
      writer.byte(0x12)
      writer.byte(0)
      return
    }
    const lowest = Math.min(...indexes)
    const width = Math.max(...indexes) - lowest + 1
    writer.reserve(64 + Math.max(14 * indexes.length, 8 * width))
    writer.byte(0x12)
    const start = writer.begin(indexes.length * 14)
    if (13 * indexes.length < 8 * width + 4) this.#encodeMap(writer)
    else this.#encodeCounts(writer, lowest, width)
    writer.end(start, indexes.length * 14)
  }

  /** Store: 1 binCounts map<sint32, double>. */
  #encodeMap(writer: ProtobufWriter): void {
    for (const [index, count] of this.#counts) {
      writer.byte(0x0a)
      writer.byte(index < 64 ? 11 : 12)
      writer.byte(0x08)
      writer.uint32(2 * index)
      writer.byte(0x11)
      writer.double(count)
    }
  }

  /** Store: 2 contiguousBinCounts, 3 contiguousBinIndexOffset (sint32). */
  #encodeCounts(writer: ProtobufWriter, lowest: number, width: number): void {
    writer.byte(0x12)
    writer.uint32(8 * width)
    for (let i = 0; i < width; i++) writer.double(this.#counts.get(lowest + i) ?? 0)
    writer.byte(0x18)
    writer.uint32(2 * lowest)
  }
}
