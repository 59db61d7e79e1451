import { countFault, ignoreRejection } from '@hashira/core'
import type { Callback } from './callback'

export type LabelValue = string | number | boolean | undefined

/** How a label of one's own gets its value: a function of the request, with the number of different values it may have. */
export type LabelSource<Request> =
  | Callback<[request: Request], LabelValue>
  | {
      readonly value: Callback<[request: Request], LabelValue>
      /** Different values; further ones become `_OTHER`. Default 100. */
      readonly max?: number | undefined
    }

export const DEFAULT_MAX_VALUES = 100
const OTHER = '_OTHER'
const MAX_LENGTH = 128

/** One label of one's own, with its declared bound. */
export class ExtraLabel<Request> {
  readonly name: string
  readonly #source: (request: Request) => LabelValue
  readonly #max: number
  readonly #seen = new Set<string>()

  constructor(name: string, source: LabelSource<Request>) {
    this.name = name
    this.#source = typeof source === 'function' ? source : source.value
    this.#max = (typeof source === 'function' ? undefined : source.max) ?? DEFAULT_MAX_VALUES
  }

  valueFor(request: Request): string | undefined {
    return this.valueFrom(this.#source, request)
  }

  valueFrom(source: (request: Request) => unknown, request: Request): string | undefined {
    try {
      const value = source(request)
      if (!ignoreRejection(value, 'label')) return this.bounded(value)
    } catch {
      // Counted below.
    }
    countFault('label')
    return undefined
  }

  /** `value` as a label value, or `_OTHER` when there are enough different ones already. */
  bounded(value: unknown): string | undefined {
    if (value === undefined || value === null) return undefined
    const text = String(value).slice(0, MAX_LENGTH)
    if (this.#seen.has(text)) return text
    if (this.#seen.size >= this.#max) return OTHER
    this.#seen.add(text)
    return text
  }
}
