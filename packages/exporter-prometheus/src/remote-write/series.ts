import {
  countFault,
  type Exemplar,
  type HistogramPoint,
  type MetricFamily,
  type NumberPoint,
  type SummaryPoint,
} from '@hashira/core'
import type { ExposedFamily } from '../exposed-family'
import { labelsOf } from '../labels'
import { canonicalNumber } from '../openmetrics-format'
import type { PushTarget } from '../push-target'

export type Label = readonly [name: string, value: string]

/** One series with its one sample. */
export interface Series {
  /** By name, without empty values; `__name__` among them. */
  readonly labels: readonly Label[]
  readonly value: number
  /** Unix milliseconds; 0 for what does not count from a start. */
  readonly startUnixMs: number
  readonly exemplar: Exemplar | undefined
}

type Point = MetricFamily['points'][number]

/** The series of a family, a histogram as one a bucket. One that is there already is left out and counted. */
export function* seriesOf(family: ExposedFamily, target: PushTarget): Generator<Series> {
  const seen = new Set<string>()
  for (const member of family.members) {
    for (const point of member.points) {
      const own = labelsOf(point.attributes, member.naming, RESERVED[member.type])
      // Injective, whatever the values hold.
      const key = JSON.stringify([...own].filter(([, value]) => value !== '').sort())
      if (seen.has(key)) {
        countFault('metric_series_conflict')
        continue
      }
      seen.add(key)
      yield* seriesOfPoint(family, member.type, point, new SeriesMaker(family.name, own, target))
    }
  }
}

const RESERVED: Partial<Record<MetricFamily['type'], string>> = { histogram: 'le', summary: 'quantile' }

function* seriesOfPoint(
  { type: exposed }: ExposedFamily,
  type: MetricFamily['type'],
  point: Point,
  maker: SeriesMaker,
): Generator<Series> {
  const start = exposed === 'gauge' || exposed === 'unknown' ? 0 : point.startTimeUnixMs
  if (type === 'histogram') yield* histogram(point as HistogramPoint, maker, start)
  else if (type === 'summary') yield* summary(point as SummaryPoint, maker, start)
  else {
    const { value, exemplar } = point as NumberPoint
    yield maker.make('', value, start, exposed === 'counter' ? exemplar : undefined)
  }
}

function* histogram(
  { bounds, bucketCounts, exemplars, sum, count }: HistogramPoint,
  maker: SeriesMaker,
  start: number,
): Generator<Series> {
  let cumulated = 0
  for (let i = 0; i <= bounds.length; i++) {
    cumulated += bucketCounts[i] ?? 0
    // As OpenMetrics writes it, so that a scrape of the same process gives the same series.
    const le = canonicalNumber(bounds[i] ?? Number.POSITIVE_INFINITY)
    yield maker.make('_bucket', cumulated, start, exemplars?.[i], ['le', le])
  }
  yield maker.make('_sum', sum, start)
  yield maker.make('_count', count, start)
}

function* summary(
  { quantiles, sum, count }: SummaryPoint,
  maker: SeriesMaker,
  start: number,
): Generator<Series> {
  for (const { quantile, value } of quantiles)
    yield maker.make('', value, start, undefined, ['quantile', canonicalNumber(quantile)])
  yield maker.make('_sum', sum, start)
  yield maker.make('_count', count, start)
}

class SeriesMaker {
  readonly #name: string
  /** What all series of a point have, by name. */
  readonly #common: readonly Label[]

  constructor(name: string, own: ReadonlyMap<string, string>, { job, instance }: PushTarget) {
    this.#name = name
    const common: Label[] = [
      ['job', job],
      ['instance', instance ?? ''],
    ]
    for (const [label, value] of own) common.push([exportedName(label, own), value])
    this.#common = common.filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : 1))
  }

  make(suffix: string, value: number, startUnixMs: number, exemplar?: Exemplar, more?: Label): Series {
    const named = withLabel(this.#common, ['__name__', this.#name + suffix])
    return { labels: more === undefined ? named : withLabel(named, more), value, startUnixMs, exemplar }
  }
}

/** What has the name of a target's label gets `exported_` before it, as a scrape does it. */
function exportedName(name: string, taken: ReadonlyMap<string, string>): string {
  let exported = name
  while (exported === 'job' || exported === 'instance' || (exported !== name && taken.has(exported)))
    exported = `exported_${exported}`
  return exported
}

/** Sorting anew for each of a histogram's series would take most of the time that encoding takes. */
function withLabel(labels: readonly Label[], label: Label): readonly Label[] {
  const [name] = label
  const at = labels.findIndex(([other]) => other > name)
  return at < 0 ? [...labels, label] : [...labels.slice(0, at), label, ...labels.slice(at)]
}
