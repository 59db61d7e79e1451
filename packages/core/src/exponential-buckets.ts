import type { ExponentialBuckets } from './metric-snapshot'

/**
 * Where bucket `index` of an exponential histogram begins: base^index with the base 2^(2^-scale). Its end, which belongs to
 * it, is where the next one begins. 0 and Infinity beyond what a double holds.
 */
export function exponentialBound(index: number, scale: number): number {
  if (scale <= 0) return 2 ** (index * 2 ** -scale)
  // The whole power is exact, so the result is as exact as the fraction's, and whole powers have no error at all.
  const perPower = 2 ** scale
  const power = Math.floor(index / perPower)
  const fraction = 2 ** ((index - power * perPower) / perPower)
  // A subnormal: the power alone may be 0 already.
  return power < -1022 ? 2 ** (power + 1022) * fraction * 2 ** -1022 : 2 ** power * fraction
}

/** The same buckets with a scale that is smaller by `by`: 2^`by` neighbours become one. */
export function downscaleBuckets(
  { offset, bucketCounts }: ExponentialBuckets,
  by: number,
): ExponentialBuckets {
  const first = firstFilled(bucketCounts)
  if (first === bucketCounts.length) return { offset: 0, bucketCounts: [] }
  const width = 2 ** by
  const start = Math.floor((offset + first) / width)
  const merged: number[] = []
  for (let i = first; i < bucketCounts.length; i++) {
    const count = bucketCounts[i] ?? 0
    if (count === 0) continue
    const index = Math.floor((offset + i) / width) - start
    while (merged.length <= index) merged.push(0)
    merged[index] = (merged[index] as number) + count
  }
  return { offset: start, bucketCounts: merged }
}

function firstFilled(counts: ArrayLike<number>): number {
  let index = 0
  while (index < counts.length && (counts[index] ?? 0) === 0) index++
  return index
}
