import {
  type InstrumentationScope,
  lengthSize,
  type MetricFamily,
  ProtobufWriter,
  type Resource,
} from '@hashira/core'
import { encodeResource, encodeScope } from './envelope'
import { hasTemporality, type MetricRequest, type MetricSettings, temporalityNumber } from './metric-batches'
import { writeExponentialPoint } from './write-exponential-point'
import { writeHistogramPoint, writeNumberPoint, writeSummaryPoint } from './write-metric-point'

/** Metric's field for each type of family: Gauge 5, Sum 7, Histogram 9, ExponentialHistogram 10, Summary 11. */
const DATA_TAGS = {
  gauge: 0x2a,
  unknown: 0x2a,
  counter: 0x3a,
  updowncounter: 0x3a,
  histogram: 0x4a,
  exponential_histogram: 0x52,
  summary: 0x5a,
} as const

const EXPECTED_BYTES = 1000
const EXPECTED_SCOPE_BYTES = 10_000

/** ExportMetricsServiceRequest as protobuf. */
export class ProtobufMetricRequest implements MetricRequest {
  readonly #resource: Uint8Array
  readonly #metrics = new ProtobufWriter()
  /** Where the ScopeMetrics that is being written begins, where its content does, and its metrics. */
  #scopeStart = 0
  #scopeContent = 0
  #metricsStart = 0
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

  beginScope(scope: InstrumentationScope): void {
    const writer = this.#metrics
    this.#endScope()
    this.#scopeStart = writer.position
    writer.reserve(16)
    writer.byte(0x12)
    this.#scopeContent = writer.begin(EXPECTED_SCOPE_BYTES)
    writer.bytes(encodeScope(scope))
    this.#metricsStart = writer.position
  }

  /** One without a metric is taken back. */
  #endScope(): void {
    const writer = this.#metrics
    if (writer.position > this.#metricsStart) writer.end(this.#scopeContent, EXPECTED_SCOPE_BYTES)
    else writer.position = this.#scopeStart
    this.#metricsStart = writer.position
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
    else if (family.type === 'exponential_histogram')
      writeExponentialPoint(writer, family.points[index]!, timeUnixMs)
    else if (family.type === 'summary') writeSummaryPoint(writer, family.points[index]!, timeUnixMs)
    else writeNumberPoint(writer, family.points[index]!, timeUnixMs)
    writer.end(start, EXPECTED_BYTES)
  }

  #writeKindOfSum(family: MetricFamily): void {
    if (!hasTemporality(family)) return
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
    this.#endScope()
    const scopes = this.#metrics.written()
    this.#metrics.position = 0
    this.#scopeStart = 0
    this.#metricsStart = 0
    const length = this.#resource.length + scopes.length
    const whole = new ProtobufWriter(1 + lengthSize(length) + length)
    whole.byte(0x0a)
    whole.uint32(length)
    whole.bytes(this.#resource)
    whole.bytes(scopes)
    return whole.buffer
  }
}

function writeField(writer: ProtobufWriter, tag: number, text: string): void {
  if (text === '') return
  writer.reserve(1)
  writer.byte(tag)
  writer.text(text)
}
