import { Buffer } from 'node:buffer'
import type {
  Exemplar,
  HistogramPoint,
  MetricFamily,
  NumberPoint,
  Resource,
  SummaryPoint,
} from '@hashira/core'
import { jsonResource, jsonScope } from './json-envelope'
import {
  jsonAttributes,
  jsonCount,
  jsonDouble,
  jsonId,
  jsonUnixMs,
  unlessEmpty,
  wellFormed,
} from './json-value'
import { METRICS_SCOPE, type MetricRequest, type MetricSettings, temporalityNumber } from './metric-batches'

const DATA_NAMES = {
  gauge: 'gauge',
  unknown: 'gauge',
  counter: 'sum',
  updowncounter: 'sum',
  histogram: 'histogram',
  summary: 'summary',
} as const

/** ExportMetricsServiceRequest as JSON. */
export class JsonMetricRequest implements MetricRequest {
  readonly #resource: string
  readonly #settings: MetricSettings
  #metrics: string[] = []
  /** Nothing is written before a whole metric is known, so there is nothing to take back. */
  position = 0

  constructor(resource: Resource, settings: MetricSettings) {
    this.#resource = jsonResource(resource)
    this.#settings = settings
  }

  writeMetric(family: MetricFamily, from: number, limit: number): number {
    const points: string[] = []
    let size = this.position
    let next = from
    do {
      const point = JSON.stringify(jsonPoint(family, next++, this.#settings.timeUnixMs))
      points.push(point)
      size += Buffer.byteLength(point) + 1
    } while (next < family.points.length && size < limit)
    const metric = this.#metric(family, points)
    this.#metrics.push(metric)
    this.position += Buffer.byteLength(metric) + 1
    return next
  }

  #metric(family: MetricFamily, points: readonly string[]): string {
    const { type } = family
    const head = {
      name: wellFormed(family.name),
      description: unlessEmpty(wellFormed(family.description)),
      unit: unlessEmpty(wellFormed(family.unit)),
    }
    const isSum = type === 'counter' || type === 'updowncounter'
    const aggregation = {
      aggregationTemporality:
        isSum || type === 'histogram' ? temporalityNumber(family, this.#settings.temporality) : undefined,
      isMonotonic: isSum ? type === 'counter' : undefined,
    }
    const data = JSON.stringify(aggregation).slice(1, -1)
    const members = `"dataPoints":[${points.join(',')}]${data === '' ? '' : `,${data}`}`
    return `{${JSON.stringify(head).slice(1, -1)},"${DATA_NAMES[type]}":{${members}}}`
  }

  take(): Uint8Array {
    const scope = `{${jsonScope(METRICS_SCOPE)},"metrics":[${this.#metrics.join(',')}]}`
    this.#metrics = []
    this.position = 0
    return Buffer.from(`{"resourceMetrics":[{"resource":${this.#resource},"scopeMetrics":[${scope}]}]}`)
  }
}

function jsonPoint(family: MetricFamily, index: number, timeUnixMs: number): object {
  const point = family.points[index]!
  return {
    startTimeUnixNano: jsonUnixMs(point.startTimeUnixMs),
    timeUnixNano: jsonUnixMs(timeUnixMs),
    attributes: jsonAttributes(point.attributes),
    ...(family.type === 'histogram'
      ? histogramFields(point as HistogramPoint)
      : family.type === 'summary'
        ? summaryFields(point as SummaryPoint)
        : numberFields(point as NumberPoint)),
  }
}

function numberFields(point: NumberPoint): object {
  return {
    asDouble: jsonDouble(point.value),
    exemplars: point.exemplar === undefined ? undefined : [jsonExemplar(point.exemplar)],
  }
}

function histogramFields(point: HistogramPoint): object {
  const exemplars = (point.exemplars ?? []).filter((exemplar) => exemplar !== undefined)
  return {
    count: jsonCount(point.count),
    sum: jsonDouble(point.sum),
    bucketCounts: Array.from(point.bucketCounts, jsonCount),
    explicitBounds: point.bounds.map(jsonDouble),
    exemplars: exemplars.length > 0 ? exemplars.map(jsonExemplar) : undefined,
  }
}

function summaryFields(point: SummaryPoint): object {
  const quantileValues = point.quantiles.map(({ quantile, value }) => ({
    quantile: jsonDouble(quantile),
    value: jsonDouble(value),
  }))
  return { count: jsonCount(point.count), sum: jsonDouble(point.sum), quantileValues }
}

function jsonExemplar(exemplar: Exemplar): object {
  return {
    timeUnixNano: jsonUnixMs(exemplar.timeUnixMs),
    asDouble: jsonDouble(exemplar.value),
    spanId: exemplar.spanId && jsonId(exemplar.spanId, 16),
    traceId: exemplar.traceId && jsonId(exemplar.traceId, 32),
    filteredAttributes: exemplar.attributes && jsonAttributes(exemplar.attributes),
  }
}
