import { type BucketRange, commonRanges, ExplicitBounds } from './explicit-bounds'
import { downscaleBuckets } from './exponential-buckets'
import type {
  Exemplar,
  ExponentialBuckets,
  ExponentialHistogramFamily,
  HistogramFamily,
  HistogramPoint,
  MetricFamily,
} from './metric-snapshot'

export type ExplicitMetricFamily = Exclude<MetricFamily, ExponentialHistogramFamily>

const DEFAULT_MAX_BUCKETS = 40

/** `families` with every exponential histogram as one with explicit buckets: for a format that has no others. */
export function withExplicitBuckets(
  families: readonly MetricFamily[],
  maxBuckets: number = DEFAULT_MAX_BUCKETS,
): ExplicitMetricFamily[] {
  return families.map((family) =>
    family.type === 'exponential_histogram' ? explicitHistogram(family, maxBuckets) : family,
  )
}

/**
 * An exponential histogram as one with explicit buckets: the exponential buckets themselves, neighbours merged until there are
 * at most `maxBuckets` (default 40: ten powers of two, four buckets each), one more for zero and an edge below each end. No
 * count moves across a bound.
 *
 * All points share one list of bounds, so their buckets may be added up; and when the range grows later on, the coarser bounds
 * are some of the finer ones.
 */
export function explicitHistogram(
  family: ExponentialHistogramFamily,
  maxBuckets: number = DEFAULT_MAX_BUCKETS,
): HistogramFamily {
  const { scale, positive, negative } = commonRanges(family.points, maxBuckets)
  const bounds = new ExplicitBounds()
  const below = negative === undefined ? [] : bounds.addDescending(negative)
  const zero = bounds.add(family.points.reduce((most, point) => Math.max(most, point.zeroThreshold ?? 0), 0))
  const above = positive === undefined ? [] : bounds.addAscending(positive)
  const points = family.points.map((point): HistogramPoint => {
    const bucketCounts = new Array<number>(bounds.list.length + 1).fill(0)
    bucketCounts[zero] = point.zeroCount
    addCounts(bucketCounts, below, downscaleBuckets(point.negative, point.scale - scale), negative)
    addCounts(bucketCounts, above, downscaleBuckets(point.positive, point.scale - scale), positive)
    const { attributes, startTimeUnixMs, count, sum, min, max } = point
    const exemplars = alignExemplars(point.exemplars, bounds.list)
    return { attributes, startTimeUnixMs, count, sum, min, max, bounds: bounds.list, bucketCounts, exemplars }
  })
  return { ...family, type: 'histogram', points }
}

function addCounts(
  into: number[],
  buckets: readonly number[],
  { offset, bucketCounts }: ExponentialBuckets,
  range: BucketRange | undefined,
): void {
  if (range === undefined) return
  for (let i = 0; i < bucketCounts.length; i++) {
    const bucket = buckets[offset + i - range.first]
    if (bucket !== undefined) into[bucket] = (into[bucket] ?? 0) + (bucketCounts[i] ?? 0)
  }
}

/** Of several in one bucket the latest. */
function alignExemplars(
  exemplars: readonly Exemplar[] | undefined,
  bounds: readonly number[],
): readonly (Exemplar | undefined)[] | undefined {
  if (exemplars === undefined || exemplars.length === 0) return undefined
  const aligned = new Array<Exemplar | undefined>(bounds.length + 1).fill(undefined)
  for (const exemplar of exemplars) {
    const found = bounds.findIndex((bound) => exemplar.value <= bound)
    const bucket = found < 0 ? bounds.length : found
    if (exemplar.timeUnixMs >= (aligned[bucket]?.timeUnixMs ?? 0)) aligned[bucket] = exemplar
  }
  return aligned
}
