import { ProtobufWriter } from '@hashira/core'
import { baseName, type ExposedFamily, type ExposedType } from '../exposed-family'
import type { Label } from './series'
import type { WriteRequest, WrittenExemplar, WrittenSeries } from './write-request'
import { FIXED_FIELDS, writeValueAndTime } from './write-sample'

/** Of `MetricMetadata` and of 2.0's `Metadata`. */
export const TYPE_NUMBERS: Readonly<Record<ExposedType, number>> = {
  unknown: 0,
  counter: 1,
  gauge: 2,
  histogram: 3,
  summary: 5,
}

const EXPECTED_SERIES_BYTES = 300
const EXPECTED_ITEM_BYTES = 60

/** `prometheus.WriteRequest` of remote write 1.0. */
export class Request1 implements WriteRequest {
  readonly #writer = new ProtobufWriter()
  #described: ExposedFamily | undefined
  itemCount = 0

  get byteLength(): number {
    return this.#writer.position
  }

  add(series: WrittenSeries, timeUnixMs: number, family?: ExposedFamily): void {
    const writer = this.#writer
    const mark = writer.position
    try {
      if (family !== undefined && family !== this.#described) this.#describe(family)
      this.#writeSeries(series, timeUnixMs)
    } catch (error) {
      writer.rollback(mark)
      throw error
    }
    this.#described = family
    this.itemCount++
  }

  take(): Uint8Array {
    const bytes = this.#writer.written()
    this.#writer.rollback(0)
    this.#described = undefined
    this.itemCount = 0
    return bytes
  }

  #writeSeries({ labels, value, exemplar }: WrittenSeries, timeUnixMs: number): void {
    const writer = this.#writer
    writer.reserve(FIXED_FIELDS)
    writer.byte(0x0a)
    const start = writer.begin(EXPECTED_SERIES_BYTES)
    this.#writeLabels(labels)
    writer.reserve(FIXED_FIELDS)
    writer.byte(0x12)
    const sample = writer.begin(EXPECTED_ITEM_BYTES)
    writeValueAndTime(writer, value, timeUnixMs)
    writer.end(sample, EXPECTED_ITEM_BYTES)
    if (exemplar !== undefined) this.#writeExemplar(exemplar)
    writer.end(start, EXPECTED_SERIES_BYTES)
  }

  #writeExemplar({ labels, value, timeUnixMs }: WrittenExemplar): void {
    const writer = this.#writer
    writer.reserve(FIXED_FIELDS)
    writer.byte(0x1a)
    const start = writer.begin(EXPECTED_ITEM_BYTES)
    this.#writeLabels(labels)
    writer.reserve(FIXED_FIELDS)
    writer.byte(0x11)
    writer.double(value)
    writer.byte(0x18)
    writer.int64(timeUnixMs)
    writer.end(start, EXPECTED_ITEM_BYTES)
  }

  #writeLabels(labels: readonly Label[]): void {
    const writer = this.#writer
    for (const [name, value] of labels) {
      writer.reserve(FIXED_FIELDS)
      writer.byte(0x0a)
      const start = writer.begin(EXPECTED_ITEM_BYTES)
      this.#writeText(0x0a, name)
      this.#writeText(0x12, value)
      writer.end(start, EXPECTED_ITEM_BYTES)
    }
  }

  #describe({ name, type, help, unit }: ExposedFamily): void {
    const writer = this.#writer
    writer.reserve(FIXED_FIELDS)
    writer.byte(0x1a)
    const start = writer.begin(EXPECTED_ITEM_BYTES)
    writer.byte(0x08)
    writer.byte(TYPE_NUMBERS[type])
    this.#writeText(0x12, type === 'counter' ? baseName(name) : name)
    if (help !== '') this.#writeText(0x22, help)
    if (unit !== '') this.#writeText(0x2a, unit)
    writer.end(start, EXPECTED_ITEM_BYTES)
  }

  #writeText(tag: number, text: string): void {
    this.#writer.reserve(FIXED_FIELDS)
    this.#writer.byte(tag)
    this.#writer.text(text)
  }
}
