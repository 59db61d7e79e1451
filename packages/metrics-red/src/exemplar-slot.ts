import type { Exemplar, FlatAttributes } from '@hashira/core'
import type { SpanContext } from '@opentelemetry/api'

/** The latest exemplar. Written in place: no garbage per measurement, and of the span context only the two ids are kept. */
export class ExemplarSlot {
  #value = 0
  #timeUnixMs = 0
  #traceId = ''
  #spanId = ''
  #attributes: FlatAttributes | undefined

  /** @param attributes those of the measurement that its series does not have */
  set(value: number, { traceId, spanId }: SpanContext, attributes?: FlatAttributes): void {
    this.#value = value
    this.#timeUnixMs = Date.now()
    this.#traceId = traceId
    this.#spanId = spanId
    this.#attributes = attributes
  }

  /** A copy. */
  get(): Exemplar {
    const exemplar = {
      value: this.#value,
      timeUnixMs: this.#timeUnixMs,
      traceId: this.#traceId,
      spanId: this.#spanId,
    }
    return this.#attributes === undefined ? exemplar : { ...exemplar, attributes: this.#attributes }
  }
}
