import { exponentialBound } from './exponential-buckets'
import type { ExponentialBuckets, ExponentialHistogramPoint } from './metric-snapshot'

/** Filled buckets of one scale, both ends inclusive. */
export interface BucketRange {
  readonly first: number
  readonly last: number
  readonly scale: number
}

interface CommonRanges {
  readonly scale: number
  readonly positive: BucketRange | undefined
  readonly negative: BucketRange | undefined
}

/** Explicit bounds being laid out in ascending order. */
export class ExplicitBounds {
  readonly list: number[] = []

  /** @returns the index of the bucket that ends at `bound` */
  add(bound: number): number {
    if (bound === Number.POSITIVE_INFINITY) return this.list.length
    // Not ascending: beyond what a double tells apart, or within the zero threshold. The bucket is the one before then.
    if (bound > (this.list.at(-1) ?? Number.NEGATIVE_INFINITY)) this.list.push(bound)
    return Math.max(0, this.list.length - 1)
  }

  /** An edge below `range` and its buckets. @returns the explicit bucket of each */
  addAscending({ first, last, scale }: BucketRange): number[] {
    this.add(exponentialBound(first, scale))
    const buckets: number[] = []
    for (let index = first; index <= last; index++) buckets.push(this.add(exponentialBound(index + 1, scale)))
    return buckets
  }

  /** The same for magnitudes of negative values. */
  addDescending({ first, last, scale }: BucketRange): number[] {
    this.add(-exponentialBound(last + 1, scale))
    const buckets: number[] = []
    for (let index = last; index >= first; index--) buckets.push(this.add(-exponentialBound(index, scale)))
    return buckets.reverse()
  }
}

/** The ranges that hold the buckets of all `points` on either side, at the greatest scale with at most `maxBuckets` of them. */
export function commonRanges(points: readonly ExponentialHistogramPoint[], maxBuckets: number): CommonRanges {
  const positive = filledRanges(points, 'positive')
  const negative = filledRanges(points, 'negative')
  // Values below and above 1, of either sign, never share a bucket.
  const most = Math.max(4, maxBuckets)
  let scale = points.reduce((least, point) => Math.min(least, point.scale), 20)
  while (lengthOf(unionAt(positive, scale)) + lengthOf(unionAt(negative, scale)) > most) scale--
  return { scale, positive: unionAt(positive, scale), negative: unionAt(negative, scale) }
}

function filledRanges(
  points: readonly ExponentialHistogramPoint[],
  side: 'positive' | 'negative',
): BucketRange[] {
  return points.flatMap((point) => {
    const { offset, bucketCounts }: ExponentialBuckets = point[side]
    let first = 0
    let last = bucketCounts.length - 1
    while (first <= last && bucketCounts[first] === 0) first++
    while (last >= first && bucketCounts[last] === 0) last--
    return first > last ? [] : [{ first: offset + first, last: offset + last, scale: point.scale }]
  })
}

function unionAt(ranges: readonly BucketRange[], scale: number): BucketRange | undefined {
  if (ranges.length === 0) return undefined
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (const range of ranges) {
    const width = 2 ** (range.scale - scale)
    first = Math.min(first, Math.floor(range.first / width))
    last = Math.max(last, Math.floor(range.last / width))
  }
  return { first, last, scale }
}

function lengthOf(range: BucketRange | undefined): number {
  return range === undefined ? 0 : range.last - range.first + 1
}
