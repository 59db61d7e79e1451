import type { MetricFamily } from '@hashira/core'
import type { DimensionSets } from './dimension-sets'
import type { Point } from './metric/samples'
import { type Dimension, dimensionsOf } from './series-dimensions'
import type { Subject } from './subject'

/** Series of one family that are the same metric in CloudWatch: all have these dimensions. */
export interface Fold {
  readonly dimensions: readonly Dimension[]
  readonly points: Point[]
}

/** The series of `family` by dimension set and by what they have in it; a step for each series. */
export function* foldSeries(
  family: MetricFamily,
  sets: DimensionSets,
  subject: Subject,
): Generator<undefined, Fold[], undefined> {
  const folds = new Map<string, Fold>()
  for (const point of family.points as readonly Point[]) {
    for (const dimensions of dimensionsOf(point.attributes, sets, subject, family.name)) {
      const key = JSON.stringify(dimensions)
      const fold = folds.get(key)
      if (fold === undefined) folds.set(key, { dimensions, points: [point] })
      else fold.points.push(point)
    }
    yield undefined
  }
  return [...folds.values()]
}
