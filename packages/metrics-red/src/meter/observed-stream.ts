import type { FlatAttributes, MetricFamily } from '@hashira/core'
import { addRecorder } from '../recorder'
import type { InstrumentType } from '../views/metric-view'
import type { Stream } from '../views/stream'
import { AttributeIndex } from './attribute-index'
import { familyOf, familyType, type InstrumentStream, type Series } from './meter-stream'
import { unflatten } from './metric-attributes'
import { LastValueSeries, SumSeries } from './number-series'
import type { ObservationRounds } from './observation-rounds'

/**
 * The metric of an observable instrument: what its callbacks observed in the latest round, and nothing that they no longer
 * observe. Each reader starts a round, or joins the one that is under way.
 */
export class ObservedStream implements InstrumentStream {
  readonly settings: Stream
  readonly name: string
  readonly unit: string
  readonly type: MetricFamily['type']
  description: string
  readonly #rounds: ObservationRounds
  readonly #remove: () => void
  readonly #startTimeUnixMs = Date.now()
  #observed: AttributeIndex<LastValueSeries>
  #error: unknown

  constructor(settings: Stream, type: InstrumentType, rounds: ObservationRounds) {
    this.settings = settings
    this.name = settings.name
    this.unit = settings.unit
    this.description = settings.description
    this.type = familyType(settings, type)
    this.#rounds = rounds
    this.#observed = this.#indexOf(undefined, LastValueSeries)
    this.#remove = addRecorder(this)
  }

  get size(): number {
    return this.#observed.all.length
  }

  /** Rejects when no callback of the instrument worked. */
  async collect(): Promise<MetricFamily> {
    await this.#rounds.run()
    if (this.#error !== undefined) throw this.#error
    const points = this.#series().flatMap((series) => series.snapshot(this.#startTimeUnixMs) ?? [])
    return familyOf(this, points)
  }

  /** Forgets the round before. `error` when all callbacks failed. */
  begin(error: unknown): void {
    this.#observed = this.#indexOf(undefined, LastValueSeries)
    this.#error = error
  }

  /** Of several observations of the same attributes in one round the last one counts. */
  observe(value: number, attributes: unknown): void {
    this.#observed.find(attributes).record(value)
  }

  /** Does nothing: the value is not ours to set. */
  reset(): void {}

  remove(): void {
    this.#remove()
  }

  /** The next round finds everything again. */
  adopt(): boolean {
    return true
  }

  /** What a view made the same is added up, unless it is a gauge. */
  #series(): readonly Series[] {
    const { attributeKeys } = this.settings
    if (attributeKeys === undefined) return this.#observed.all
    const index = this.#indexOf(attributeKeys, this.type === 'gauge' ? LastValueSeries : SumSeries)
    for (const { attributes, last } of this.#observed.all) index.find(unflatten(attributes)).record(last)
    return index.all
  }

  #indexOf<S extends Series>(
    keys: ReadonlySet<string> | undefined,
    SeriesClass: new (attributes: FlatAttributes) => S,
  ): AttributeIndex<S> {
    // Before a view filters, nothing is said of how many series there will be.
    const isRaw = keys === undefined && this.settings.attributeKeys !== undefined
    const maxSeries = isRaw ? Number.POSITIVE_INFINITY : this.settings.maxSeries
    return new AttributeIndex(this.name, maxSeries, keys, (attributes) => new SeriesClass(attributes))
  }
}
