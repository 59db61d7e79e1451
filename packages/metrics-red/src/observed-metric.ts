import type { FlatAttributes, NumberFamily } from '@hashira/core'
import { addRecorder, type Recorder } from './recorder'

export interface Observation {
  readonly value: number
  readonly attributes?: FlatAttributes | undefined
}

export interface ObservedSettings {
  readonly name: string
  readonly description: string
  /** UCUM: `By`. */
  readonly unit: string
  readonly type: NumberFamily['type']
  /** Called whenever somebody reads. May throw or reject: then this metric fails alone. */
  observe(): readonly Observation[] | Promise<readonly Observation[]>
}

/** A metric that is looked up when it is read, not recorded. */
export class ObservedMetric implements Recorder {
  readonly name: string
  readonly description: string
  readonly unit: string
  readonly type: NumberFamily['type']
  readonly #observe: ObservedSettings['observe']
  readonly #startTimeUnixMs = Math.round(Date.now() - performance.now())
  readonly #remove: () => void

  constructor(settings: ObservedSettings) {
    this.name = settings.name
    this.description = settings.description
    this.unit = settings.unit
    this.type = settings.type
    this.#observe = settings.observe
    this.#remove = addRecorder(this)
  }

  async collect(): Promise<NumberFamily> {
    const observations = await this.#observe.call(undefined)
    const points = observations.map(({ value, attributes = [] }) => ({
      attributes,
      startTimeUnixMs: this.#startTimeUnixMs,
      value,
    }))
    const { name, description, unit, type } = this
    return { name, description, unit, naming: 'opentelemetry', type, points }
  }

  /** Does nothing: the value is not ours to set. */
  reset(): void {}

  /** Takes it out of every snapshot and registry. */
  remove(): void {
    this.#remove()
  }
}
