import { countFault, type MetricFamily, type MetricSnapshot } from '@hashira/core'
import type { DimensionRules, DimensionSets } from './dimension-sets'
import { type Fold, foldSeries } from './fold-series'
import type { BatchFraming, Framed } from './framed-batches'
import { type Distribution, partsOf } from './metric/distribution'
import { type Sample, samplesOf } from './metric/samples'
import type { Dimension } from './series-dimensions'
import type { Subject } from './subject'

/** Unique values of a MetricDatum (API reference). */
const MAX_VALUES = 150
/** Metrics of a request. */
const MAX_METRICS = 1_000
/** CloudWatch takes 1 MB, compressed or not; of what is not compressed yet that is on the safe side. */
const MAX_BYTES = 1_000_000

export interface PutMetricDataSettings {
  readonly rules: DimensionRules
  readonly errorMetrics: boolean
  readonly storageResolution: 1 | 60
}

/** The body of `PutMetricData` in awsJson1.0. */
export function putMetricDataFraming(namespace: string): BatchFraming {
  return {
    head: `{"Namespace":${JSON.stringify(namespace)},"MetricData":[`,
    between: ',',
    tail: ']}',
    frame: (datum) => datum,
    maxBytes: MAX_BYTES,
    maxDocuments: MAX_METRICS,
    overheadBytes: 1,
  }
}

/**
 * A snapshot of deltas as MetricDatum: the series of a family are added up for each dimension set, as a datum has no properties.
 * `undefined` after each metric. A family that can't be encoded is left out and counted as a fault. Never throws.
 */
export function* metricData(
  snapshot: MetricSnapshot,
  subject: Subject,
  settings: PutMetricDataSettings,
): Generator<Framed | undefined, void, undefined> {
  // The smithy protocols write times as seconds.
  const timestampSeconds = Math.floor(snapshot.timeUnixMs) / 1_000
  for (const family of snapshot.families) {
    try {
      const sets = settings.rules.of(family.name)
      if (sets.length === 0) continue
      yield* familyData(family, sets)
    } catch {
      countFault('cloudwatch_metric')
    }
  }

  function* familyData(family: MetricFamily, sets: DimensionSets) {
    for (const fold of yield* foldSeries(family, sets, subject)) {
      yield* foldData(family, fold)
      yield undefined
    }
  }

  function* foldData(family: MetricFamily, { dimensions, points }: Fold) {
    for (const sample of samplesOf(family, points, settings)) {
      for (const part of partsOf(sample, MAX_VALUES))
        yield { text: datumText(sample, part, dimensions, timestampSeconds, settings), itemCount: 1 }
    }
  }
}

function datumText(
  { name, unit }: Sample,
  { values, counts }: Distribution,
  dimensions: readonly Dimension[],
  timestampSeconds: number,
  { storageResolution }: PutMetricDataSettings,
): string {
  const [value] = values
  const isOne = values.length === 1 && counts[0] === 1
  return JSON.stringify({
    MetricName: name,
    Dimensions: dimensions.map(([Name, Value]) => ({ Name, Value })),
    Timestamp: timestampSeconds,
    ...(isOne ? { Value: value } : { Values: values, Counts: counts }),
    Unit: unit,
    ...(storageResolution === 1 ? { StorageResolution: 1 } : undefined),
  })
}
