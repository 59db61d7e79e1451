import { Buffer } from 'node:buffer'
import type { Batch, MetricSnapshot, PushMetrics, Resource } from '@hashira/core'
import { chunks } from '../exposition'
import type { PrometheusSettings } from '../options'
import { textFormat } from '../text-format'
import { withExportedLabels } from './exported-labels'
import { PushgatewayTransport } from './pushgateway-transport'

/** Pushes whole snapshots as the text that a scrape would get, one after the other: the last one counts. */
export class PushgatewayMetrics implements PushMetrics {
  readonly kind = 'push'
  readonly name = 'prometheus.pushgateway'
  readonly temporality = 'cumulative'
  readonly transport: PushgatewayTransport
  readonly intervalMs: number | undefined
  readonly limits: PushMetrics['limits']
  readonly #settings: PrometheusSettings

  constructor(url: string, settings: PrometheusSettings) {
    this.#settings = settings
    this.transport = new PushgatewayTransport(url, settings)
    this.intervalMs = settings.pushIntervalMs
    const { maxQueueBytes } = settings
    this.limits = { maxInFlight: 1, ...(maxQueueBytes === undefined ? {} : { maxQueueBytes }) }
  }

  *encode(snapshot: MetricSnapshot, resource: Resource): Generator<Batch | undefined> {
    const { groupingKey } = this.#settings
    this.transport.describe(resource)
    const shown = withExportedLabels(snapshot, new Set(['job', ...Object.keys(groupingKey)]))
    const texts: Buffer[] = []
    for (const text of chunks(shown, resource, textFormat)) {
      texts.push(Buffer.from(text))
      yield undefined
    }
    const itemCount = shown.families.reduce((count, { points }) => count + points.length, 0)
    if (itemCount > 0) yield { bytes: Buffer.concat(texts), itemCount }
  }
}
