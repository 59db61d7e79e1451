import {
  countFault,
  type ExponentialHistogramFamily,
  type ExponentialHistogramPoint,
  explicitHistogram,
  type HistogramPoint,
  type MetricFamily,
  type NumberPoint,
  type SummaryPoint,
} from '@hashira/core'
import { bucketValues } from './bucket-values'
import { concatenated, type Distribution, usableValue } from './distribution'
import { outcomeSamples } from './http-outcome'
import { cloudWatchName } from './metric-name'
import { type Unit, unitOf } from './unit'

/** What CloudWatch is told of one metric in one interval. */
export interface Sample extends Distribution {
  readonly name: string
  readonly unit: Unit
}

export type Point = NumberPoint | HistogramPoint | ExponentialHistogramPoint | SummaryPoint

/** Exponential buckets are merged until so many are left: with zero and the edges they fit into one document. */
const MAX_EXPONENTIAL_BUCKETS = 80

export interface SampleOptions {
  /** HTTP durations also say how many requests failed. */
  readonly errorMetrics: boolean
}

/**
 * `points` of one family as one metric (`points` are series that share their dimensions), and what is derived from it. Deltas
 * are added up; gauges are several values of the same metric. Without what CloudWatch can't take, which is counted as a fault.
 */
export function samplesOf(
  family: MetricFamily,
  points: readonly Point[],
  { errorMetrics }: SampleOptions,
): Sample[] {
  const own = usable(distributionOf(family, points))
  if (own.values.length === 0) return []
  const sample = { name: cloudWatchName(family.name), unit: unitOf(family), ...own }
  return errorMetrics ? [sample, ...outcomeSamples(family, points)] : [sample]
}

function distributionOf(family: MetricFamily, points: readonly Point[]): Distribution {
  switch (family.type) {
    case 'counter':
    case 'updowncounter':
      return single((points as readonly NumberPoint[]).reduce((sum, { value }) => sum + value, 0))
    case 'gauge':
    case 'unknown':
      return concatenated((points as readonly NumberPoint[]).map(({ value }) => single(value)))
    case 'histogram':
      return histogram(points as readonly HistogramPoint[])
    case 'exponential_histogram':
      return histogram(explicitPoints(family, points as readonly ExponentialHistogramPoint[]))
    case 'summary':
      return concatenated((points as readonly SummaryPoint[]).map(mean))
  }
}

function single(value: number): Distribution {
  return { values: [value], counts: [1] }
}

/** Of a summary only count and sum are of the interval; its quantiles are of a time of its own. */
function mean({ count, sum }: SummaryPoint): Distribution {
  return count > 0 ? { values: [sum / count], counts: [count] } : { values: [], counts: [] }
}

function explicitPoints(
  family: ExponentialHistogramFamily,
  points: readonly ExponentialHistogramPoint[],
): readonly HistogramPoint[] {
  return explicitHistogram({ ...family, points }, MAX_EXPONENTIAL_BUCKETS).points
}

function histogram(points: readonly HistogramPoint[]): Distribution {
  const [first, ...others] = points
  if (others.length === 0) return bucketValues(first!)
  const { bounds } = first!
  const alike = others.every(
    (other) =>
      other.bounds === bounds ||
      (other.bounds.length === bounds.length && other.bounds.every((bound, i) => bound === bounds[i])),
  )
  if (!alike) return concatenated(points.map(bucketValues))
  const bucketCounts = Array.from({ length: bounds.length + 1 }, (_, i) =>
    points.reduce((count, point) => count + (point.bucketCounts[i] ?? 0), 0),
  )
  const sum = points.reduce((all, point) => all + point.sum, 0)
  return bucketValues({ bounds, bucketCounts, sum })
}

/** Without what CloudWatch refuses; each value once. */
function usable({ values, counts }: Distribution): Distribution {
  const kept = new Map<number, number>()
  for (let i = 0; i < values.length; i++) {
    const value = usableValue(values[i]!)
    const count = usableValue(counts[i]!)
    if (value === undefined || count === undefined) countFault('cloudwatch_value')
    // Adding 0 makes the one 0 of both.
    else if (count > 0) kept.set(value + 0, (kept.get(value + 0) ?? 0) + count)
  }
  return { values: [...kept.keys()], counts: [...kept.values()] }
}
