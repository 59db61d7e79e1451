import {
  type Batch,
  countFault,
  type InstrumentationScope,
  type MetricFamily,
  type MetricSnapshot,
  type Resource,
} from '@hashira/core'
import { VERSION } from './version'

export type Temporality = 'cumulative' | 'delta'

/** Bytes at which a request is closed: a snapshot of thousands of series becomes several. */
const MAX_REQUEST_BYTES = 1024 * 1024

/** The scope of metrics that have none of their own. */
const METRICS_SCOPE: InstrumentationScope = { name: 'hashira', version: VERSION, schemaUrl: undefined }

/** Collects the Metric messages of one request after another. */
export interface MetricRequest {
  /** Bytes so far; may be set back to an earlier value to take back what was written since. */
  position: number
  /** Begins a ScopeMetrics: of `scope` are the metrics that follow. Called before the first metric of every request. */
  beginScope(scope: InstrumentationScope): void
  /** Writes a Metric with the points of `family` from index `from` on until `limit` bytes are reached; the next index. */
  writeMetric(family: MetricFamily, from: number, limit: number): number
  /** The bytes of the whole request; the next one begins empty. */
  take(): Uint8Array
}

/** What every data point of one snapshot has in common. */
export interface MetricSettings {
  readonly timeUnixMs: number
  readonly temporality: Temporality
}

export type CreateMetricRequest = (resource: Resource, settings: MetricSettings) => MetricRequest

/** After so long the event loop gets its turn, if the batch is not full before. */
const TURN_MS = 3

/**
 * A snapshot as export requests of about a MiB at most; `itemCount` counts data points. One after the other, and `undefined`
 * where nothing is ready yet but others should have a turn.
 *
 * A family that can't be encoded is left out and counted as a fault; the others are whole. Never throws.
 */
export function* encodeSnapshot(
  create: CreateMetricRequest,
  snapshot: MetricSnapshot,
  resource: Resource,
  temporality: Temporality,
  maxBytes: number = MAX_REQUEST_BYTES,
): Generator<Batch | undefined, void, undefined> {
  const request = create(resource, { timeUnixMs: snapshot.timeUnixMs, temporality })
  let itemCount = 0
  let turnEndsMs = performance.now() + TURN_MS
  for (const [scope, families] of byScope(snapshot.families)) {
    request.beginScope(scope)
    for (const family of families) {
      for (let next = 0; next < family.points.length; ) {
        const from = next
        next = writeSafely(request, family, from, maxBytes)
        if (next === from) break
        itemCount += next - from
        const isFull = request.position >= maxBytes
        if (!isFull && performance.now() < turnEndsMs) continue
        yield isFull ? { bytes: request.take(), itemCount } : undefined
        if (isFull) {
          itemCount = 0
          request.beginScope(scope)
        }
        turnEndsMs = performance.now() + TURN_MS
      }
    }
  }
  if (itemCount > 0) yield { bytes: request.take(), itemCount }
}

function byScope(families: readonly MetricFamily[]): Iterable<[InstrumentationScope, MetricFamily[]]> {
  const groups = new Map<string, [InstrumentationScope, MetricFamily[]]>()
  for (const family of families) {
    const { scope = METRICS_SCOPE } = family
    const key = JSON.stringify([scope.name, scope.version, scope.schemaUrl])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [scope, [family]])
    else group[1].push(family)
  }
  return groups.values()
}

/** The next index; `from` when the family can't be encoded. */
function writeSafely(request: MetricRequest, family: MetricFamily, from: number, limit: number): number {
  const mark = request.position
  try {
    return request.writeMetric(family, from, limit)
  } catch {
    request.position = mark
    countFault('otlp_metric')
    return from
  }
}

export function hasTemporality({ type }: MetricFamily): boolean {
  return type !== 'gauge' && type !== 'unknown' && type !== 'summary'
}

/** OTLP's AggregationTemporality. An up-down counter is cumulative under either preference (OpenTelemetry specification). */
export function temporalityNumber(family: MetricFamily, temporality: Temporality): 1 | 2 {
  return temporality === 'delta' && family.type !== 'updowncounter' ? 1 : 2
}
