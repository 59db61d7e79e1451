import { lengthSize, type MetricFamily, ProtobufWriter, type Resource } from '@hashira/core'
import { encodeResource, encodeScope } from './envelope'
import { METRICS_SCOPE, type MetricRequest, type MetricSettings, temporalityNumber } from './metric-batches'
import { writeHistogramPoint, writeNumberPoint, writeSummaryPoint } from './write-metric-point'

/** Metric's field for each type of family: Gauge 5, Sum 7, Histogram 9, Summary 11. */
const DATA_TAGS = {
  gauge: 0x2a,
  unknown: 0x2a,
  counter: 0x3a,
  updowncounter: 0x3a,
  histogram: 0x4a,
  summary: 0x5a,
} as const

const EXPECTED_BYTES = 1000

/** ExportMetricsServiceRequest as protobuf. */
export class ProtobufMetricRequest implements MetricRequest {
  readonly #resource: Uint8Array
  readonly #scope = encodeScope(METRICS_SCOPE)
  readonly #metrics = new ProtobufWriter()
  readonly #settings: MetricSettings

  constructor(resource: Resource, settings: MetricSettings) {
    this.#resource = encodeResource(resource)
    this.#settings = settings
  }

  get position(): number {
    return this.#metrics.position
  }

  set position(position: number) {
    this.#metrics.position = position
  }

  writeMetric(family: MetricFamily, from: number, limit: number): number {
    const writer = this.#metrics
    writer.reserve(64)
    writer.byte(0x12)
    const start = writer.begin(EXPECTED_BYTES)
    writeField(writer, 0x0a, family.name)
    writeField(writer, 0x12, family.description)
    writeField(writer, 0x1a, family.unit)
    writer.reserve(64)
    writer.byte(DATA_TAGS[family.type])
    const dataStart = writer.begin(EXPECTED_BYTES)
    const next = this.#writePoints(family, from, limit)
    this.#writeKindOfSum(family)
    writer.end(dataStart, EXPECTED_BYTES)
    writer.end(start, EXPECTED_BYTES)
    return next
  }

  #writePoints(family: MetricFamily, from: number, limit: number): number {
    let next = from
    do this.#writePoint(family, next++)
    while (next < family.points.length && this.position < limit)
    return next
  }

  #writePoint(family: MetricFamily, index: number): void {
    const writer = this.#metrics
    const { timeUnixMs } = this.#settings
    writer.reserve(64)
    writer.byte(0x0a)
    const start = writer.begin(EXPECTED_BYTES)
    if (family.type === 'histogram') writeHistogramPoint(writer, family.points[index]!, timeUnixMs)
    else if (family.type === 'summary') writeSummaryPoint(writer, family.points[index]!, timeUnixMs)
    else writeNumberPoint(writer, family.points[index]!, timeUnixMs)
    writer.end(start, EXPECTED_BYTES)
  }

  #writeKindOfSum(family: MetricFamily): void {
    if (family.type !== 'counter' && family.type !== 'updowncounter' && family.type !== 'histogram') return
    const writer = this.#metrics
    writer.reserve(8)
    writer.byte(0x10)
    writer.byte(temporalityNumber(family, this.#settings.temporality))
    if (family.type === 'counter') {
      writer.byte(0x18)
      writer.byte(1)
    }
  }

  take(): Uint8Array {
    const metrics = this.#metrics.written()
    this.#metrics.position = 0
    const scopeLength = this.#scope.length + metrics.length
    const length = this.#resource.length + 1 + lengthSize(scopeLength) + scopeLength
    const whole = new ProtobufWriter(1 + lengthSize(length) + length)
    whole.byte(0x0a)
    whole.uint32(length)
    whole.bytes(this.#resource)
    whole.byte(0x12)
    whole.uint32(scopeLength)
    whole.bytes(this.#scope)
    whole.bytes(metrics)
    return whole.buffer
  }
}

function writeField(writer: ProtobufWriter, tag: number, text: string): void {
  if (text === '') return
  writer.reserve(1)
  writer.byte(tag)
  writer.text(text)
}
