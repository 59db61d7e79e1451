import type { HistogramPoint } from '@hashira/core'

/** So many measurements, all taken to be `value`. */
export interface WeightedValue {
  readonly value: number
  readonly count: number
}

/**
 * What stands for the measurements of each bucket, chosen so that count and sum are the histogram's own: in each bucket the same
 * way between its bounds, in the last one, which has no upper bound, what is left of the sum.
 */
export function histogramValues({ bounds, bucketCounts, count, sum }: HistogramPoint): WeightedValue[] {
  const last = bounds.length
  const beyond = bucketCounts[last] ?? 0
  const lowerOf = (i: number) => (i === 0 ? Math.min(0, bounds[0] ?? 0) : bounds[i - 1]!)
  let inBounds = 0
  let lowest = 0
  let highest = 0
  for (let i = 0; i < last; i++) {
    const n = bucketCounts[i] ?? 0
    inBounds += n
    lowest += n * lowerOf(i)
    highest += n * bounds[i]!
  }
  const share = shareOf(sum - beyond * (bounds[last - 1] ?? 0), lowest, highest, beyond)
  const values: WeightedValue[] = []
  for (let i = 0; i < last; i++) {
    const n = bucketCounts[i] ?? 0
    if (n > 0) values.push({ value: rounded(lowerOf(i) + share * (bounds[i]! - lowerOf(i))), count: n })
  }
  if (beyond > 0) {
    const left = (sum - lowest - share * (highest - lowest)) / beyond
    const atLeast = bounds[last - 1] ?? Number.NEGATIVE_INFINITY
    const value = Number.isFinite(left) ? Math.max(left, atLeast) : atLeast
    if (Number.isFinite(value)) values.push({ value: rounded(value), count: beyond })
  }
  // A source without buckets that add up still has a mean.
  if (inBounds + beyond === 0 && count > 0 && Number.isFinite(sum))
    values.push({ value: rounded(sum / count), count })
  return values
}

/** With measurements beyond the last bound nothing says how the sum divides: the middle, unless that is too much. */
function shareOf(sum: number, lowest: number, highest: number, beyond: number): number {
  const exact = (sum - lowest) / (highest - lowest)
  if (!(highest > lowest) || Number.isNaN(exact)) return 0.5
  const possible = Math.min(Math.max(exact, 0), 1)
  return beyond > 0 ? Math.min(possible, 0.5) : possible
}

/** Six digits are far more than a bucket knows, and lines stay short. */
function rounded(value: number): number {
  return Number(value.toPrecision(6))
}
