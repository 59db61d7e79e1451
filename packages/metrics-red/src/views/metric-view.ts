/** OpenTelemetry's kinds of instruments, as its SDK for JavaScript writes them. */
export type InstrumentType =
  | 'COUNTER'
  | 'UP_DOWN_COUNTER'
  | 'HISTOGRAM'
  | 'GAUGE'
  | 'OBSERVABLE_COUNTER'
  | 'OBSERVABLE_UP_DOWN_COUNTER'
  | 'OBSERVABLE_GAUGE'

/**
 * What becomes of an instrument's measurements (OpenTelemetry metrics SDK, "View"). It applies to every instrument that all given
 * criteria match, at least one; several views that match one instrument make a metric each.
 */
export interface MetricView {
  /** The instrument's name, whatever its case; `*` stands for any characters, `?` for one. */
  readonly instrumentName?: string | undefined
  readonly instrumentType?: InstrumentType | undefined
  readonly instrumentUnit?: string | undefined
  /** `hashira` for the metrics that Hashira itself makes. */
  readonly meterName?: string | undefined
  readonly meterVersion?: string | undefined
  readonly meterSchemaUrl?: string | undefined

  /** A new name. Only with an `instrumentName` without wildcards: two metrics can't have one name. */
  readonly name?: string | undefined
  readonly description?: string | undefined
  /** The attributes that tell series apart; all others are left out, and their measurements added up. Default all. */
  readonly attributeKeys?: readonly string[] | undefined
  /**
   * - `default`: a histogram has explicit buckets, counters are sums, a gauge is its last value
   * - `drop`: no metric at all
   * - `explicit_bucket_histogram`, `base2_exponential_bucket_histogram`: of a histogram; for other instruments `default`
   */
  readonly aggregation?:
    | 'default'
    | 'drop'
    | 'explicit_bucket_histogram'
    | 'base2_exponential_bucket_histogram'
    | undefined
  /** Ascending upper bounds of a histogram with explicit buckets. Default: what the instrument advises. */
  readonly buckets?: readonly number[] | undefined
  /** Buckets of an exponential histogram, 2 to 1,000. Default 160. */
  readonly maxSize?: number | undefined
  /** The finest scale of an exponential histogram, -10 to 20. Default 20. */
  readonly maxScale?: number | undefined
  /** Series that the metric may have; all beyond share one. Default 2,000. */
  readonly maxSeries?: number | undefined
}
