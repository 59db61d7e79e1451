import { Buffer } from 'node:buffer'
import type { InstrumentationScope, MetricFamily, Resource } from '@hashira/core'
import { jsonResource, jsonScope } from './json-envelope'
import { jsonPoint } from './json-metric-point'
import { unlessEmpty, wellFormed } from './json-value'
import { hasTemporality, type MetricRequest, type MetricSettings, temporalityNumber } from './metric-batches'

const DATA_NAMES = {
  gauge: 'gauge',
  unknown: 'gauge',
  counter: 'sum',
  updowncounter: 'sum',
  histogram: 'histogram',
  exponential_histogram: 'exponentialHistogram',
  summary: 'summary',
} as const

/** ExportMetricsServiceRequest as JSON. */
export class JsonMetricRequest implements MetricRequest {
  readonly #resource: string
  readonly #settings: MetricSettings
  readonly #scopes: { readonly head: string; readonly metrics: string[] }[] = []
  /** Nothing is written before a whole metric is known, so there is nothing to take back. */
  position = 0

  constructor(resource: Resource, settings: MetricSettings) {
    this.#resource = jsonResource(resource)
    this.#settings = settings
  }

  beginScope(scope: InstrumentationScope): void {
    this.#scopes.push({ head: jsonScope(scope), metrics: [] })
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
    this.#scopes.at(-1)!.metrics.push(metric)
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
      aggregationTemporality: hasTemporality(family)
        ? temporalityNumber(family, this.#settings.temporality)
        : undefined,
      isMonotonic: isSum ? type === 'counter' : undefined,
    }
    const data = JSON.stringify(aggregation).slice(1, -1)
    const members = `"dataPoints":[${points.join(',')}]${data === '' ? '' : `,${data}`}`
    return `{${JSON.stringify(head).slice(1, -1)},"${DATA_NAMES[type]}":{${members}}}`
  }

  take(): Uint8Array {
    const filled = this.#scopes.filter(({ metrics }) => metrics.length > 0)
    const scopes = filled.map(({ head, metrics }) => `{${head},"metrics":[${metrics.join(',')}]}`)
    this.#scopes.length = 0
    this.position = 0
    return Buffer.from(
      `{"resourceMetrics":[{"resource":${this.#resource},"scopeMetrics":[${scopes.join(',')}]}]}`,
    )
  }
}
