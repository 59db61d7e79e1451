import { ProtobufWriter } from '@hashira/core'
import type { ExposedFamily } from '../exposed-family'
import { TYPE_NUMBERS } from './request-1'
import type { Label } from './series'
import type { WriteRequest, WrittenExemplar, WrittenSeries } from './write-request'
import { FIXED_FIELDS, writeValueAndTime } from './write-sample'

const EXPECTED_SERIES_BYTES = 100
const EXPECTED_ITEM_BYTES = 60
/** Of a reference to a symbol. */
const MAX_REFERENCE_BYTES = 5

/** `io.prometheus.write.v2.Request` of remote write 2.0: every text once, in a table. */
export class Request2 implements WriteRequest {
  readonly #writer = new ProtobufWriter()
  #symbols = new Map([['', 0]])
  #symbolBytes = 0
  itemCount = 0

  get byteLength(): number {
    return this.#writer.position + this.#symbolBytes
  }

  add(series: WrittenSeries, timeUnixMs: number, family?: ExposedFamily): void {
    const mark = this.#writer.position
    try {
      this.#writeSeries(series, timeUnixMs, family)
    } catch (error) {
      this.#writer.rollback(mark)
      throw error
    }
    this.itemCount++
  }

  take(): Uint8Array {
    const whole = new ProtobufWriter(this.byteLength + 2 * this.#symbols.size)
    for (const symbol of this.#symbols.keys()) {
      whole.reserve(FIXED_FIELDS)
      whole.byte(0x22)
      whole.text(symbol)
    }
    whole.bytes(this.#writer.buffer.subarray(0, this.#writer.position))
    this.#writer.rollback(0)
    this.#symbols = new Map([['', 0]])
    this.#symbolBytes = 0
    this.itemCount = 0
    return whole.written()
  }

  #writeSeries(series: WrittenSeries, timeUnixMs: number, family: ExposedFamily | undefined): void {
    const { labels, value, startUnixMs, exemplar } = series
    const writer = this.#writer
    writer.reserve(FIXED_FIELDS)
    writer.byte(0x2a)
    const start = writer.begin(EXPECTED_SERIES_BYTES)
    this.#writeLabels(labels)
    writer.reserve(FIXED_FIELDS)
    writer.byte(0x12)
    const sample = writer.begin(EXPECTED_ITEM_BYTES)
    writeValueAndTime(writer, value, timeUnixMs)
    if (startUnixMs > 0) {
      writer.byte(0x18)
      writer.int64(Math.floor(startUnixMs))
    }
    writer.end(sample, EXPECTED_ITEM_BYTES)
    if (exemplar !== undefined) this.#writeExemplar(exemplar)
    if (family !== undefined) this.#describe(family)
    writer.end(start, EXPECTED_SERIES_BYTES)
  }

  #writeExemplar({ labels, value, timeUnixMs }: WrittenExemplar): void {
    const writer = this.#writer
    writer.reserve(FIXED_FIELDS)
    writer.byte(0x22)
    const start = writer.begin(EXPECTED_ITEM_BYTES)
    this.#writeLabels(labels)
    writer.reserve(FIXED_FIELDS)
    writer.byte(0x11)
    writer.double(value)
    writer.byte(0x18)
    writer.int64(timeUnixMs)
    writer.end(start, EXPECTED_ITEM_BYTES)
  }

  #describe({ type, help, unit }: ExposedFamily): void {
    const writer = this.#writer
    writer.reserve(FIXED_FIELDS)
    writer.byte(0x2a)
    const start = writer.begin(EXPECTED_ITEM_BYTES)
    writer.byte(0x08)
    writer.byte(TYPE_NUMBERS[type])
    writer.byte(0x18)
    writer.uint32(this.#reference(help))
    writer.byte(0x20)
    writer.uint32(this.#reference(unit))
    writer.end(start, EXPECTED_ITEM_BYTES)
  }

  /** Packed references: name, value, name, value. */
  #writeLabels(labels: readonly Label[]): void {
    const writer = this.#writer
    const references = labels.flat().map((text) => this.#reference(text))
    writer.reserve(FIXED_FIELDS + MAX_REFERENCE_BYTES * references.length)
    writer.byte(0x0a)
    const start = writer.begin(EXPECTED_ITEM_BYTES)
    for (const reference of references) writer.uint32(reference)
    writer.end(start, EXPECTED_ITEM_BYTES)
  }

  #reference(text: string): number {
    const known = this.#symbols.get(text)
    if (known !== undefined) return known
    const reference = this.#symbols.size
    this.#symbols.set(text, reference)
    this.#symbolBytes += Buffer.byteLength(text) + 4
    return reference
  }
}
