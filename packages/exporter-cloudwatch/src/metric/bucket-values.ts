import type { HistogramPoint } from '@hashira/core'
import type { Distribution } from './distribution'

type Buckets = Pick<HistogramPoint, 'bounds' | 'bucketCounts' | 'sum' | 'min' | 'max'>

/** A bucket that has something in it, and the ends of what may be in it; an end that nobody knows is open. */
interface Filled {
  readonly low: number
  readonly high: number
  readonly openBelow: boolean
  readonly openAbove: boolean
  readonly count: number
}

/**
 * One value for each bucket that has something in it: its middle, moved within the bucket so that the values add up to the
 * histogram's sum. So CloudWatch's Average and Sum are exact, and a percentile is off by no more than the width of its bucket.
 *
 * The outer ends are `min` and `max` where they are known. Without them the first bucket begins at 0 (at its bound where that is
 * not above 0) and the last one reaches to twice its bound; only what the sum needs beyond that goes over these two ends.
 */
export function bucketValues({ bounds, bucketCounts, sum, min, max }: Buckets): Distribution {
  const filled = Array.from(bucketCounts, (count, i) => bucketOf(bounds, i, count)).filter(
    ({ count }) => count > 0,
  )
  if (filled.length === 0) return { values: [], counts: [] }
  if (known(min)) filled[0] = withMin(filled[0]!, min)
  if (known(max)) filled.push(withMax(filled.pop()!, max))
  return { values: fitted(filled, sum).map(rounded), counts: filled.map(({ count }) => count) }
}

function bucketOf(bounds: readonly number[], index: number, count: number): Filled {
  const first = bounds[0] ?? 0
  const openBelow = index === 0
  const openAbove = index === bounds.length
  const low = openBelow ? Math.min(0, first) : bounds[index - 1]!
  const high = openAbove ? Math.max(low, low * 2) : bounds[index]!
  return { low, high, openBelow, openAbove, count }
}

function withMin(bucket: Filled, min: number): Filled {
  if (!bucket.openBelow && min <= bucket.low) return bucket
  const low = bucket.openAbove ? min : Math.min(min, bucket.high)
  return { ...bucket, low, high: Math.max(low, bucket.high), openBelow: false }
}

function withMax(bucket: Filled, max: number): Filled {
  if (!bucket.openAbove && max >= bucket.high) return bucket
  const high = Math.max(max, bucket.low)
  return { ...bucket, high, openAbove: false }
}

function fitted(filled: readonly Filled[], sum: number): number[] {
  const values = filled.map(({ low, high }) => low + (high - low) / 2)
  const missing = () => sum - values.reduce((all, value, i) => all + value * filled[i]!.count, 0)
  const wanted = missing()
  if (wanted === 0 || !Number.isFinite(wanted)) return values
  const ends = filled.map(({ low, high }) => (wanted > 0 ? high : low))
  const room = ends.reduce((all, end, i) => all + (end - values[i]!) * filled[i]!.count, 0)
  const share = room === 0 ? 0 : Math.min(1, wanted / room)
  for (let i = 0; i < values.length; i++) values[i] = values[i]! + share * (ends[i]! - values[i]!)
  if (share < 1 && room !== 0) return values
  const outer = wanted > 0 ? values.length - 1 : 0
  const { openAbove, openBelow, count } = filled[outer]!
  if (wanted > 0 ? openAbove : openBelow) values[outer] = values[outer]! + missing() / count
  return values
}

/** More digits than a bucket tells are noise that is paid for by the byte. */
function rounded(value: number): number {
  return Number(value.toPrecision(12))
}

function known(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value)
}
