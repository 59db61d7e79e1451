import { BaggageList, countFault } from '@hashira/core'
import type { HashiraSpan } from '@hashira/tracing'
import type { Baggage } from '@opentelemetry/api'
import { addLog } from './log-event'
import { SpanContextShim } from './span-context-shim'
import { attributesOf, isUnwanted, setError, type Tags } from './tags'

/** An OpenTracing Span on one of ours. No method throws. */
export class SpanShim {
  readonly #span: HashiraSpan
  readonly #tracer: object
  #context: SpanContextShim
  #isUnwanted = false

  constructor(span: HashiraSpan, tracer: object, baggage: Baggage | undefined, tags: Tags) {
    this.#span = span
    this.#tracer = tracer
    this.#context = new SpanContextShim(span, baggage)
    this.#heed(tags)
  }

  /** The context of `value`, a span or a context of ours. */
  static contextOf(value: unknown): SpanContextShim | undefined {
    return typeof value === 'object' && value !== null && #span in value
      ? (value as SpanShim).context()
      : SpanContextShim.from(value)
  }

  context(): SpanContextShim {
    return this.#context
  }

  tracer(): object {
    return this.#tracer
  }

  setOperationName(name: string): this {
    this.#span.updateName(name)
    return this
  }

  /** Seen by the spans that are started from now on: a context that was taken before stays as it is. */
  setBaggageItem(key: string, value: string): this {
    try {
      const baggage = this.#context.baggage ?? new BaggageList()
      this.#context = this.#context.withBaggage(baggage.setEntry(String(key), { value: String(value) }))
    } catch {
      countFault('opentracing')
    }
    return this
  }

  getBaggageItem(key: string): string | undefined {
    return this.#context.baggage?.getEntry(key)?.value
  }

  setTag(key: string, value: unknown): this {
    return typeof key === 'string' ? this.addTags({ [key]: value }) : this
  }

  addTags(tags: Tags): this {
    try {
      if (typeof tags !== 'object' || tags === null) return this
      this.#span.setAttributes(attributesOf(tags))
      this.#heed(tags)
    } catch {
      countFault('opentracing')
    }
    return this
  }

  /** Tags that are more than attributes. */
  #heed(tags: Tags): void {
    if ('error' in tags) setError(this.#span, tags['error'])
    const priority = tags['sampling.priority']
    if (priority !== undefined) this.#isUnwanted = isUnwanted('sampling.priority', priority)
  }

  log(fields: Tags, timestamp?: number): this {
    try {
      if (typeof fields === 'object' && fields !== null) addLog(this.#span, fields, timestamp)
    } catch {
      countFault('opentracing')
    }
    return this
  }

  logEvent(eventName: string, payload: unknown): void {
    this.log({ event: eventName, payload })
  }

  finish(finishTime?: number): void {
    if (this.#isUnwanted) this.#span.discard('sampling_priority')
    else this.#span.end(finishTime)
  }
}
