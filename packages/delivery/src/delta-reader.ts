import type {
  Exemplar,
  ExponentialBuckets,
  ExponentialHistogramPoint,
  HistogramPoint,
  MetricFamily,
  MetricSnapshot,
  NumberPoint,
  SummaryPoint,
} from '@hashira/core'
import { exponentialDelta } from './exponential-delta'

type Point = NumberPoint | HistogramPoint | ExponentialHistogramPoint | SummaryPoint
type SeriesOf = Map<string, Point>

/** 0.8 ms if they are histograms. */
const POINTS_PER_STEP = 250

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
    const steps = this.steps(snapshot)
    for (;;) {
      const step = steps.next()
      if (step.done) return step.value
    }
  }

  /** The same in steps of some hundred points, for a caller who lets others have a turn in between. One reading at a time. */
  *steps(snapshot: MetricSnapshot): Generator<undefined, MetricSnapshot, undefined> {
    const read = new Map<string, SeriesOf>()
    const families: MetricFamily[] = []
    for (const family of snapshot.families) {
      const changed = yield* this.#familyDelta(family, read)
      if (changed.points.length > 0) families.push(changed)
    }
    for (const [key, series] of read) this.#previous.set(key, series)
    this.#previousTimeUnixMs = snapshot.timeUnixMs
    return { ...snapshot, families }
  }

  *#familyDelta(
    family: MetricFamily,
    read: Map<string, SeriesOf>,
  ): Generator<undefined, MetricFamily, undefined> {
    if (family.type === 'gauge' || family.type === 'updowncounter' || family.type === 'unknown') return family
    const key = keyOf(family)
    const previous = this.#previous.get(key)
    const current: SeriesOf = read.get(key) ?? new Map()
    read.set(key, current)
    const points: Point[] = []
    let count = 0
    for (const point of family.points as readonly Point[]) {
      const series = JSON.stringify(point.attributes)
      const before = previous?.get(series)
      current.set(series, copyOf(point))
      const delta = before === undefined ? point : difference(point, before)
      if (!isEmpty(delta)) points.push(this.#since(delta, before))
      if (++count % POINTS_PER_STEP === 0) yield undefined
    }
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

function keyOf({ name, naming, type, unit, description, scope }: MetricFamily): string {
  return JSON.stringify([name, naming, type, unit, description, scope])
}

/** After a reset all of `point` is new. */
function difference(point: Point, before: Point): Point {
  if (point.startTimeUnixMs !== before.startTimeUnixMs) return point
  if ('scale' in point) {
    const delta = exponentialDelta(point, before as ExponentialHistogramPoint)
    return delta === undefined ? point : withoutExtremes(delta)
  }
  return isReset(before, point) ? point : subtract(point, before)
}

function subtract(point: Exclude<Point, ExponentialHistogramPoint>, before: Point): Point {
  if ('value' in point) return { ...point, value: point.value - (before as NumberPoint).value }
  const { count, sum } = before as HistogramPoint | SummaryPoint
  const rest = { count: point.count - count, sum: point.sum - sum }
  if ('quantiles' in point) return { ...point, ...rest }
  const { bucketCounts } = before as HistogramPoint
  return withoutExtremes({
    ...point,
    ...rest,
    bucketCounts: Array.from(point.bucketCounts, (n, i) => n - (bucketCounts[i] ?? 0)),
  })
}

/** They are of the whole time, and nothing tells those of the interval. */
function withoutExtremes<P extends HistogramPoint | ExponentialHistogramPoint>(point: P): P {
  if (point.min === undefined && point.max === undefined) return point
  return { ...point, min: undefined, max: undefined }
}

function isReset(before: Point, point: Point): boolean {
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
  if ('bounds' in point) {
    const bucketCounts = Array.from(point.bucketCounts)
    return { ...point, bounds: [...point.bounds], bucketCounts, exemplars: undefined }
  }
  if ('scale' in point) {
    const positive = copyOfBuckets(point.positive)
    const negative = copyOfBuckets(point.negative)
    return { ...point, positive, negative, exemplars: undefined }
  }
  return point
}

function copyOfBuckets({ offset, bucketCounts }: ExponentialBuckets): ExponentialBuckets {
  return { offset, bucketCounts: Array.from(bucketCounts) }
}

function freshExemplars(point: Point, sinceUnixMs: number): object {
  if ('value' in point)
    return { exemplar: (point.exemplar?.timeUnixMs ?? 0) > sinceUnixMs ? point.exemplar : undefined }
  if ('quantiles' in point || point.exemplars === undefined) return {}
  const isFresh = (one: Exemplar | undefined) => one !== undefined && one.timeUnixMs > sinceUnixMs
  if ('scale' in point) return { exemplars: point.exemplars.filter(isFresh) }
  return { exemplars: point.exemplars.map((one) => (isFresh(one) ? one : undefined)) }
}
