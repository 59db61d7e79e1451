import type { FlatAttributes } from './attribute-list'

/**
 * What a metric source shows: everything it counted since its start, cumulative. A reader that wants deltas keeps the
 * snapshot before and subtracts; so sources know nothing about who reads them, how often, or in which temporality.
 */
export interface MetricSnapshot {
  readonly families: readonly MetricFamily[]
  /** Sources or single metrics that could not be read. The rest is whole. */
  readonly failures: readonly CollectFailure[]
  /** Unix milliseconds. */
  readonly timeUnixMs: number
}

export interface CollectFailure {
  /** The metric's name, or the source's. */
  readonly name: string
  readonly error: unknown
}

/** `name` follows OpenTelemetry (`http.server.request.duration`) or is a finished Prometheus name (`jobs_done`). */
export type MetricNaming = 'opentelemetry' | 'prometheus'

interface FamilyBase {
  readonly name: string
  readonly naming: MetricNaming
  readonly description: string
  /** UCUM (`s`, `By`, `1`, `{request}`); empty when unknown. */
  readonly unit: string
}

export interface NumberFamily extends FamilyBase {
  /** `unknown` is a sum or gauge that its source does not tell apart. */
  readonly type: 'counter' | 'updowncounter' | 'gauge' | 'unknown'
  readonly points: readonly NumberPoint[]
}

export interface HistogramFamily extends FamilyBase {
  readonly type: 'histogram'
  readonly points: readonly HistogramPoint[]
}

export interface SummaryFamily extends FamilyBase {
  readonly type: 'summary'
  readonly points: readonly SummaryPoint[]
}

export type MetricFamily = NumberFamily | HistogramFamily | SummaryFamily

interface PointBase {
  /** Flat and in a stable order: equal attributes of one family are the same series. */
  readonly attributes: FlatAttributes
  /** Since when the point counts, Unix milliseconds. */
  readonly startTimeUnixMs: number
}

export interface NumberPoint extends PointBase {
  readonly value: number
  readonly exemplar?: Exemplar | undefined
}

export interface HistogramPoint extends PointBase {
  readonly count: number
  readonly sum: number
  /** Ascending upper bounds, inclusive, without +Inf. */
  readonly bounds: readonly number[]
  /** Per bucket, not cumulated; one longer than `bounds`. */
  readonly bucketCounts: ArrayLike<number>
  /** At most one per bucket, by bucket index. */
  readonly exemplars?: readonly (Exemplar | undefined)[] | undefined
}

export interface SummaryPoint extends PointBase {
  readonly count: number
  readonly sum: number
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[]
}

/** One measurement, with the trace that it happened in. */
export interface Exemplar {
  readonly value: number
  readonly timeUnixMs: number
  readonly traceId: string | undefined
  readonly spanId: string | undefined
  readonly attributes?: FlatAttributes | undefined
}
