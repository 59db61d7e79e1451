import { downscaleBuckets, type ExponentialBuckets, type ExponentialHistogramPoint } from '@hashira/core'

/**
 * What was added since `before`, in the buckets of `point`: as the range of a series grows its scale gets smaller, and the
 * buckets before are merged to it. `undefined` when `before` can't be part of `point`: the series was reset.
 */
export function exponentialDelta(
  point: ExponentialHistogramPoint,
  before: ExponentialHistogramPoint,
): ExponentialHistogramPoint | undefined {
  const by = before.scale - point.scale
  // A series without buckets has no scale worth the name.
  if (by < 0 && before.count > before.zeroCount) return undefined
  const positive = subtract(point.positive, downscaleBuckets(before.positive, Math.max(0, by)))
  const negative = subtract(point.negative, downscaleBuckets(before.negative, Math.max(0, by)))
  const zeroCount = point.zeroCount - before.zeroCount
  const count = point.count - before.count
  if (positive === undefined || negative === undefined || zeroCount < 0 || count < 0) return undefined
  return { ...point, count, sum: point.sum - before.sum, zeroCount, positive, negative }
}

function subtract(from: ExponentialBuckets, before: ExponentialBuckets): ExponentialBuckets | undefined {
  const bucketCounts = Array.from(from.bucketCounts)
  for (let i = 0; i < before.bucketCounts.length; i++) {
    const count = before.bucketCounts[i] ?? 0
    if (count === 0) continue
    const at = before.offset + i - from.offset
    const left = (bucketCounts[at] ?? 0) - count
    if (left < 0) return undefined
    bucketCounts[at] = left
  }
  return downscaleBuckets({ offset: from.offset, bucketCounts }, 0)
}
