import type { FlatAttributes, NumberPoint } from '@hashira/core'
import type { SpanContext } from '@opentelemetry/api'
import { ExemplarSlot } from '../exemplar-slot'

/** One series of a metric whose points are numbers: a sum, or a last value. */
abstract class NumberSeries {
  readonly attributes: FlatAttributes
  protected value = 0
  /** A series shows once something was measured, not when a handle was bound. */
  protected isMeasured = false
  #exemplar: ExemplarSlot | undefined

  constructor(attributes: FlatAttributes) {
    this.attributes = attributes
  }

  protected remember(value: number, span: SpanContext, filtered: FlatAttributes | undefined): void {
    this.#exemplar ??= new ExemplarSlot()
    this.#exemplar.set(value, span, filtered)
  }

  snapshot(startTimeUnixMs: number): NumberPoint | undefined {
    if (!this.isMeasured) return undefined
    return {
      attributes: this.attributes,
      startTimeUnixMs,
      value: this.value,
      exemplar: this.#exemplar?.get(),
    }
  }

  clear(): void {
    this.value = 0
    this.isMeasured = false
    this.#exemplar = undefined
  }
}

export class SumSeries extends NumberSeries {
  record(amount: number, span?: SpanContext, filtered?: FlatAttributes): void {
    this.value += amount
    this.isMeasured = true
    if (span !== undefined) this.remember(amount, span, filtered)
  }
}

export class LastValueSeries extends NumberSeries {
  get last(): number {
    return this.value
  }

  record(value: number, span?: SpanContext, filtered?: FlatAttributes): void {
    this.value = value
    this.isMeasured = true
    if (span !== undefined) this.remember(value, span, filtered)
  }
}
