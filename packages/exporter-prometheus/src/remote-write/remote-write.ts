import {
  type Batch,
  countFault,
  type Exemplar,
  type MetricSnapshot,
  type PushMetrics,
  type Resource,
} from '@hashira/core'
import { exposeFamilies } from '../exposed-family'
import type { PrometheusSettings } from '../options'
import { pushTarget } from '../push-target'
import { loadSnappy } from '../snappy'
import { exemplarLabels } from './exemplar-labels'
import { RemoteWriteTransport } from './remote-write-transport'
import { Request1 } from './request-1'
import { Request2 } from './request-2'
import { seriesOf } from './series'
import type { WriteRequest, WrittenExemplar } from './write-request'
import { STALE } from './write-sample'

/** Encoding and compressing so much takes some 5 ms; and Prometheus itself sends no more at once. */
const MAX_REQUEST_BYTES = 128 * 1024
/** After so many others may have a turn: they take half a millisecond. */
const SERIES_PER_STEP = 200

/** Snapshots as samples of their moment. In their order, one request after the other, as receivers refuse what is older. */
export class RemoteWriteMetrics implements PushMetrics {
  readonly kind = 'push'
  readonly name = 'prometheus.remote_write'
  readonly temporality = 'cumulative'
  readonly transport: RemoteWriteTransport
  readonly intervalMs: number | undefined
  readonly limits: PushMetrics['limits']
  readonly #settings: PrometheusSettings
  #last: readonly [MetricSnapshot, Resource] | undefined

  /** @throws HashiraError HASHIRA_DEPENDENCY_MISSING */
  constructor(url: string, settings: PrometheusSettings) {
    this.#settings = settings
    this.transport = new RemoteWriteTransport(url, settings, settings.snappy ?? loadSnappy(), () =>
      this.#ends(),
    )
    this.intervalMs = settings.pushIntervalMs
    const { maxQueueBytes } = settings
    this.limits = { maxInFlight: 1, ...(maxQueueBytes === undefined ? {} : { maxQueueBytes }) }
  }

  encode(snapshot: MetricSnapshot, resource: Resource): Iterable<Batch | undefined> {
    if (this.#settings.staleMarkers) this.#last = [snapshot, resource]
    return this.#encode(snapshot, resource, snapshot.timeUnixMs)
  }

  /** The last samples of every series that was written: that it ends. */
  *#ends(): Generator<Batch | undefined> {
    if (this.#last === undefined) return
    const [snapshot, resource] = this.#last
    yield* this.#encode(snapshot, resource, Math.max(Date.now(), snapshot.timeUnixMs + 1), STALE)
  }

  *#encode(
    snapshot: MetricSnapshot,
    resource: Resource,
    timeUnixMs: number,
    value?: typeof STALE,
  ): Generator<Batch | undefined> {
    const target = pushTarget(resource, this.#settings)
    const request: WriteRequest = this.transport.version === '2.0' ? new Request2() : new Request1()
    let count = 0
    for (const family of exposeFamilies(snapshot.families, resource)) {
      try {
        for (const series of seriesOf(family, target)) {
          const exemplar = value === STALE ? undefined : writtenExemplar(series.exemplar)
          request.add({ ...series, exemplar, value: value ?? Number(series.value) }, timeUnixMs, family)
          if (request.byteLength >= MAX_REQUEST_BYTES) yield batchOf(request)
          else if (++count % SERIES_PER_STEP === 0) yield undefined
        }
      } catch {
        // Whatever a source gave instead of a metric: the others are whole.
        countFault('remote_write_metric')
      }
    }
    if (request.itemCount > 0) yield batchOf(request)
  }
}

function batchOf(request: WriteRequest): Batch {
  const { itemCount } = request
  return { bytes: request.take(), itemCount }
}

function writtenExemplar(exemplar: Exemplar | undefined): WrittenExemplar | undefined {
  if (exemplar === undefined) return undefined
  return {
    labels: exemplarLabels(exemplar),
    value: exemplar.value,
    timeUnixMs: Math.floor(exemplar.timeUnixMs),
  }
}
