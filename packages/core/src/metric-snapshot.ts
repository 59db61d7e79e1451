import type { FlatAttributes } from './attribute-list'
import type { InstrumentationScope } from './span-record'

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
  /** Of the OpenTelemetry meter that made the instrument; absent when there is none, as for metrics of Hashira itself. */
  readonly scope?: InstrumentationScope | undefined
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

/** A reader that knows only explicit buckets passes the families through `withExplicitBuckets` first. */
export interface ExponentialHistogramFamily extends FamilyBase {
  readonly type: 'exponential_histogram'
  readonly points: readonly ExponentialHistogramPoint[]
}

export interface SummaryFamily extends FamilyBase {
  readonly type: 'summary'
  readonly points: readonly SummaryPoint[]
}

export type MetricFamily = NumberFamily | HistogramFamily | ExponentialHistogramFamily | SummaryFamily

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
  /** The least and the greatest value since `startTimeUnixMs`; absent when the source does not keep them. */
  readonly min?: number | undefined
  readonly max?: number | undefined
  /** At most one per bucket, by bucket index. */
  readonly exemplars?: readonly (Exemplar | undefined)[] | undefined
}

/** OpenTelemetry's base-2 exponential histogram (metrics data model). The base of the buckets is 2^(2^-`scale`). */
export interface ExponentialHistogramPoint extends PointBase {
  readonly count: number
  readonly sum: number
  /** From -10 to 20. As the range of the values grows, later points of a series have a smaller one, never a greater one. */
  readonly scale: number
  /** Values whose magnitude is at most `zeroThreshold`. */
  readonly zeroCount: number
  /** Default 0. */
  readonly zeroThreshold?: number | undefined
  readonly positive: ExponentialBuckets
  /** Of the magnitudes of negative values. */
  readonly negative: ExponentialBuckets
  /** The least and the greatest value since `startTimeUnixMs`; absent when the source does not keep them. */
  readonly min?: number | undefined
  readonly max?: number | undefined
  /** In no order. */
  readonly exemplars?: readonly Exemplar[] | undefined
}

/** Bucket `i` counts the values in (base^(`offset` + i), base^(`offset` + i + 1)]. */
export interface ExponentialBuckets {
  readonly offset: number
  /** Per bucket, not cumulated; empty when there are none. */
  readonly bucketCounts: ArrayLike<number>
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
