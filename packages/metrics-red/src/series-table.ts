import type { FlatAttributes } from '@hashira/core'
import { warnOverflow } from './series-overflow'

/** What labels may be; `undefined` is an absent attribute. */
export type LabelValue = string | number | boolean | undefined
export type LabelValues = readonly LabelValue[]

export const DEFAULT_MAX_SERIES = 2_000
const OVERFLOW: FlatAttributes = ['otel.metric.overflow', true]

/** A level per attribute; the last level holds the series. */
type Level<Series> = Map<LabelValue, Level<Series> | Series>

/**
 * The series of one metric by their label values.
 *
 * Maps within maps, not one map over joined values: a separator may occur in a value (`{a:'x|',b:'y'}` is not `{a:'x',b:'|y'}`),
 * and looking up leaves no garbage. Beyond `maxSeries` every new combination shares one more series, with the attribute
 * `otel.metric.overflow` (OpenTelemetry specification, cardinality limits).
 */
export class SeriesTable<Series extends object> {
  readonly #metric: string
  readonly #keys: readonly string[]
  readonly #maxSeries: number
  readonly #create: (attributes: FlatAttributes) => Series
  readonly #root: Level<Series> = new Map()
  readonly #all: Series[] = []
  readonly #labels: FlatAttributes[] = []
  #overflow: Series | undefined

  constructor(
    metric: string,
    keys: readonly string[],
    maxSeries: number,
    create: (attributes: FlatAttributes) => Series,
  ) {
    this.#metric = metric
    this.#keys = keys
    this.#maxSeries = maxSeries
    this.#create = create
  }

  /** @param values in the order of the keys; what is missing is absent, what is too much is ignored */
  resolve(values: LabelValues): Series {
    let level: Level<Series> | Series | undefined = this.#root
    for (let i = 0; i < this.#keys.length && level !== undefined; i++)
      level = (level as Level<Series>).get(values[i])
    if (this.#keys.length === 0) return this.#all[0] ?? this.#add(values)
    return (level as Series | undefined) ?? this.#add(values)
  }

  /** In the order in which they were made, the overflow series last. */
  get all(): readonly Series[] {
    return this.#overflow === undefined ? this.#all : [...this.#all, this.#overflow]
  }

  #add(values: LabelValues): Series {
    if (this.#all.length >= this.#maxSeries) return this.#overflowed()
    const attributes = this.#attributes(values)
    const series = this.#create(attributes)
    this.#all.push(series)
    this.#labels.push(attributes)
    let level = this.#root
    const last = this.#keys.length - 1
    for (let i = 0; i < last; i++) {
      let next = level.get(values[i]) as Level<Series> | undefined
      if (next === undefined) {
        next = new Map()
        level.set(values[i], next)
      }
      level = next
    }
    level.set(values[last], series)
    return series
  }

  #attributes(values: LabelValues): FlatAttributes {
    const attributes: (string | number | boolean)[] = []
    for (const [i, key] of this.#keys.entries()) {
      const value = values[i]
      if (value !== undefined) attributes.push(key, value)
    }
    return attributes
  }

  #overflowed(): Series {
    if (this.#overflow === undefined) {
      this.#overflow = this.#create(OVERFLOW)
      warnOverflow(this.#metric, this.#maxSeries, this.#labels)
    }
    return this.#overflow
  }
}
