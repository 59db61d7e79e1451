import { describe, type FlatAttributes, HashiraError, type HistogramFamily } from '@hashira/core'
import { HistogramHandle, HistogramStore } from './histogram-handle'
import { addRecorder, type Recorder } from './recorder'
import { DEFAULT_MAX_SERIES, type LabelValues, SeriesTable } from './series-table'

export interface HistogramSettings {
  readonly name: string
  readonly description: string
  /** UCUM: `s`. */
  readonly unit: string
  /** Ascending upper bounds, inclusive, without +Inf. */
  readonly bounds: readonly number[]
  /** The attributes that tell series apart; values are given in this order. */
  readonly attributeKeys: readonly string[]
  /** Default 2,000; everything beyond shares one overflow series. */
  readonly maxSeries?: number | undefined
}

/**
 * A histogram with fixed buckets: resolve the labels once to a handle, keep it, record into it.
 *
 * @throws HashiraError HASHIRA_OPTION_INVALID when the bounds are not ascending finite numbers or an attribute key comes twice
 */
export class HistogramRecorder implements Recorder {
  readonly name: string
  readonly description: string
  readonly unit: string
  readonly type = 'histogram'
  readonly bounds: readonly number[]
  readonly attributeKeys: readonly string[]
  readonly #series: SeriesTable<HistogramHandle>
  readonly #remove: () => void
  #startTimeUnixMs = Date.now()

  constructor(settings: HistogramSettings) {
    this.name = settings.name
    this.description = settings.description
    this.unit = settings.unit
    this.bounds = requireBounds(settings)
    this.attributeKeys = requireUnique(settings)
    const store = new HistogramStore(this.bounds)
    const create = (attributes: FlatAttributes) => new HistogramHandle(store, attributes)
    this.#series = new SeriesTable(
      this.name,
      this.attributeKeys,
      settings.maxSeries ?? DEFAULT_MAX_SERIES,
      create,
    )
    this.#remove = addRecorder(this)
  }

  /** The series with these label values, in the order of `attributeKeys`; `undefined` is an absent attribute. */
  handle(values: LabelValues): HistogramHandle {
    return this.#series.resolve(values)
  }

  collect(): HistogramFamily {
    const points = this.#series.all
      .map((handle) => handle.snapshot(this.#startTimeUnixMs))
      .filter((point) => point.count > 0)
    const { name, description, unit } = this
    return { name, description, unit, naming: 'opentelemetry', type: 'histogram', points }
  }

  reset(): void {
    for (const handle of this.#series.all) handle.clear()
    this.#startTimeUnixMs = Date.now()
  }

  /** Takes it out of every snapshot and registry. */
  remove(): void {
    this.#remove()
  }
}

function requireBounds({ name, bounds }: HistogramSettings): number[] {
  const isAscending = bounds.every(
    (bound, i) => Number.isFinite(bound) && (i === 0 || bound > (bounds[i - 1] as number)),
  )
  if (isAscending) return [...bounds]
  throw new HashiraError(
    'HASHIRA_OPTION_INVALID',
    `${name}: buckets are ${describe(bounds)}, allowed are ascending finite numbers`,
  )
}

function requireUnique({ name, attributeKeys }: HistogramSettings): string[] {
  if (new Set(attributeKeys).size === attributeKeys.length) return [...attributeKeys]
  throw new HashiraError(
    'HASHIRA_OPTION_INVALID',
    `${name}: labels are ${describe(attributeKeys)}, allowed is each of them once`,
  )
}
