import type { HistogramPoint, MetricFamily, MetricSnapshot, NumberPoint, SummaryPoint } from '@hashira/core'

type Point = NumberPoint | HistogramPoint | SummaryPoint
type SeriesOf = Map<string, Point>

/**
 * Turns cumulative snapshots into deltas: each counter, histogram and summary point becomes what was added since the
 * snapshot before. Series that did not change are left out; gauges and up-down counters pass as they are (OpenTelemetry's
 * `delta` preference).
 */
export class DeltaReader {
  /** By family; kept while a family is missing (its collector failed), so it does not count twice when it is back. */
  readonly #previous = new Map<string, SeriesOf>()
  #previousTimeUnixMs: number | undefined

  read(snapshot: MetricSnapshot): MetricSnapshot {
    const families = snapshot.families.flatMap((family) => {
      const changed = this.#familyDelta(family)
      return changed.points.length === 0 ? [] : [changed]
    })
    this.#previousTimeUnixMs = snapshot.timeUnixMs
    return { ...snapshot, families }
  }

  #familyDelta(family: MetricFamily): MetricFamily {
    if (family.type === 'gauge' || family.type === 'updowncounter' || family.type === 'unknown') return family
    const key = JSON.stringify([family.name, family.naming, family.type])
    const previous = this.#previous.get(key)
    const current: SeriesOf = new Map()
    const points = (family.points as readonly Point[]).flatMap((point) => {
      const series = JSON.stringify(point.attributes)
      const before = previous?.get(series)
      current.set(series, copyOf(point))
      const delta = before === undefined || isReset(before, point) ? point : subtract(point, before)
      return isEmpty(delta) ? [] : [this.#since(delta, before)]
    })
    this.#previous.set(key, current)
    return { ...family, points } as MetricFamily
  }

  /** The interval begins with the snapshot before, or with the series where that is later. */
  #since(point: Point, before: Point | undefined): Point {
    const from = this.#previousTimeUnixMs
    const restarted = before !== undefined && before.startTimeUnixMs !== point.startTimeUnixMs
    const startTimeUnixMs =
      from === undefined || restarted ? point.startTimeUnixMs : Math.max(from, point.startTimeUnixMs)
    return { ...point, ...freshExemplars(point, from ?? 0), startTimeUnixMs }
  }
}

function subtract(point: Point, before: Point): Point {
  if ('value' in point) return { ...point, value: point.value - (before as NumberPoint).value }
  const { count, sum } = before as HistogramPoint | SummaryPoint
  const rest = { count: point.count - count, sum: point.sum - sum }
  if ('quantiles' in point) return { ...point, ...rest }
  const { bucketCounts } = before as HistogramPoint
  return {
    ...point,
    ...rest,
    bucketCounts: Array.from(point.bucketCounts, (n, i) => n - (bucketCounts[i] ?? 0)),
  }
}

function isReset(before: Point, point: Point): boolean {
  if (point.startTimeUnixMs !== before.startTimeUnixMs) return true
  if ('value' in point) return point.value < (before as NumberPoint).value
  if (point.count < (before as HistogramPoint).count) return true
  return 'bounds' in point && bucketsWentBack(before as HistogramPoint, point)
}

function bucketsWentBack(before: HistogramPoint, point: HistogramPoint): boolean {
  const sameBounds =
    before.bounds.length === point.bounds.length &&
    before.bounds.every((bound, i) => bound === point.bounds[i])
  return (
    !sameBounds || Array.from(point.bucketCounts).some((count, i) => count < (before.bucketCounts[i] ?? 0))
  )
}

function isEmpty(delta: Point): boolean {
  return 'value' in delta ? delta.value === 0 : delta.count === 0
}

/** Sources may change their arrays in place. */
function copyOf(point: Point): Point {
  return 'bounds' in point
    ? {
        ...point,
        bounds: [...point.bounds],
        bucketCounts: Array.from(point.bucketCounts),
        exemplars: undefined,
      }
    : point
}

function freshExemplars(point: Point, sinceUnixMs: number): Partial<NumberPoint & HistogramPoint> {
  if ('value' in point)
    return { exemplar: (point.exemplar?.timeUnixMs ?? 0) > sinceUnixMs ? point.exemplar : undefined }
  if (!('bounds' in point) || point.exemplars === undefined) return {}
  return {
    exemplars: point.exemplars.map((one) =>
      one !== undefined && one.timeUnixMs > sinceUnixMs ? one : undefined,
    ),
  }
}
