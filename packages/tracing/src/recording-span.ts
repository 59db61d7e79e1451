import { AttributeList, countFault, forgetFields } from '@hashira/core'
import {
  type Attributes,
  type AttributeValue,
  type HrTime,
  type Link,
  type SamplingDecision,
  type Span,
  type SpanContext,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
} from '@opentelemetry/api'
import { putAttribute, putAttributes } from './attribute-values'
import { type ErrorFacts, errorFacts } from './error-facts'
import type { HashiraSpan } from './hashira-span'
import type { LocalTrace } from './local-trace'
import { spanClosed } from './open-spans'
import { serializedTraceState } from './span-context'
import type { SpanData } from './span-data'
import { discard, handOver } from './span-end'
import type { SpanLimits } from './span-limits'
import { putLink, putLinks } from './span-links'
import { fromUnixMs, isBefore, readTime, timeOr } from './span-time'
import { messageOf, nameOf, truncated } from './text'

const NO_ERROR = Symbol('no error')

/**
 * A span that records. When it ends its data is handed over and let go, so a context that still holds the span (a keep-alive
 * socket's, for as long as it lives) holds its span context and little else.
 */
export class RecordingSpan implements HashiraSpan {
  readonly #context: SpanContext
  readonly #decision: SamplingDecision
  readonly #limits: SpanLimits
  /** Unix milliseconds of monotonic zero, as the local root saw it: see `wallTimeMs`. */
  readonly #offsetMs: number
  readonly #trace: LocalTrace | undefined
  #data: SpanData | undefined
  #recordedError: unknown = NO_ERROR

  constructor(
    context: SpanContext,
    decision: SamplingDecision,
    limits: SpanLimits,
    offsetMs: number,
    data: SpanData,
    trace: LocalTrace | undefined,
  ) {
    this.#context = context
    this.#decision = decision
    this.#limits = limits
    this.#offsetMs = offsetMs
    this.#data = data
    this.#trace = trace
  }

  spanContext(): SpanContext {
    return this.#context
  }

  isRecording(): boolean {
    return this.#data !== undefined
  }

  /** `span`'s anchor for its children, if it is one of ours and open; an ended span's may be hours old. */
  static anchorOf(span: Span): number | undefined {
    return #data in span && span.#data !== undefined ? span.#offsetMs : undefined
  }

  /** What `span` waits with for the tail keeper, if it is one of ours that does. */
  static traceOf(span: Span | undefined): LocalTrace | undefined {
    return span !== undefined && #trace in span ? span.#trace : undefined
  }

  setAttribute(key: string, value: AttributeValue): this {
    const data = this.#data
    if (data === undefined) return this
    const { attributeCountLimit, attributeValueLengthLimit } = this.#limits
    putAttribute(data.attributes, key, value, attributeCountLimit, attributeValueLengthLimit)
    return this
  }

  setAttributes(attributes: Attributes): this {
    const data = this.#data
    if (data === undefined) return this
    const { attributeCountLimit, attributeValueLengthLimit } = this.#limits
    putAttributes(data.attributes, attributes, attributeCountLimit, attributeValueLengthLimit)
    return this
  }

  pushAttribute(key: string, value: AttributeValue): void {
    const attributes = this.#data?.attributes
    if (attributes === undefined) return
    const limit = this.#limits.attributeValueLengthLimit
    if (attributes.size >= this.#limits.attributeCountLimit) attributes.droppedCount++
    else if (typeof value === 'string' && value.length > limit) attributes.push(key, truncated(value, limit))
    else attributes.push(key, value)
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    const data = this.#data
    if (data === undefined) return this
    const isTime = typeof attributesOrTime === 'number' || readTime(attributesOrTime, 0) !== undefined
    const attributes = this.#eventAttributes(isTime ? undefined : attributesOrTime)
    const when = isTime && (time === undefined || time === null) ? attributesOrTime : time
    this.#pushEvent(data, nameOf(name), attributes, when)
    return this
  }

  #eventAttributes(given: unknown): AttributeList {
    const list = new AttributeList()
    const { attributePerEventCountLimit, attributeValueLengthLimit } = this.#limits
    putAttributes(list, given, attributePerEventCountLimit, attributeValueLengthLimit)
    return list
  }

  #pushEvent(data: SpanData, name: string, attributes: AttributeList, when: unknown): void {
    const limit = this.#limits.eventCountLimit
    if (data.events.length >= limit) {
      data.droppedEventsCount++
      if (limit === 0) return
      data.events.shift()
    }
    const [timeSeconds, timeNanos] = timeOr(when, this.#offsetMs)
    data.events.push({ name, timeSeconds, timeNanos, attributes })
  }

  addLink(link: Link): this {
    if (this.#data !== undefined) putLink(this.#data, link, this.#limits)
    return this
  }

  addLinks(links: Link[]): this {
    if (this.#data !== undefined) putLinks(this.#data, links, this.#limits)
    return this
  }

  /** OpenTelemetry trace API, "Set Status": UNSET is ignored, OK is final, only ERROR has a message. */
  setStatus(status: SpanStatus): this {
    const data = this.#data
    if (data === undefined || data.statusCode === SpanStatusCode.OK) return this
    try {
      const code: unknown = status?.code
      if (code === SpanStatusCode.OK) setStatusOf(data, code, undefined)
      else if (code === SpanStatusCode.ERROR) setStatusOf(data, code, messageOf(status.message))
      else if (code !== SpanStatusCode.UNSET) countFault('status')
    } catch {
      countFault('status')
    }
    return this
  }

  updateName(name: string): this {
    if (this.#data !== undefined) this.#data.name = nameOf(name)
    return this
  }

  /** Takes whatever was thrown; OpenTelemetry semantic conventions, "Exceptions". */
  recordException(exception: unknown, time?: TimeInput): void {
    const data = this.#data
    if (data === undefined) return
    this.#recordFacts(data, exception, errorFacts(exception), time)
  }

  #recordFacts(data: SpanData, error: unknown, facts: ErrorFacts, time: TimeInput | undefined): void {
    this.#recordedError = error
    const attributes = this.#eventAttributes({
      'exception.type': facts.type,
      'exception.message': facts.message,
      'exception.stacktrace': facts.stack,
    })
    this.#pushEvent(data, 'exception', attributes, time)
  }

  fail(error: unknown, errorType?: string | undefined): void {
    const data = this.#data
    if (data === undefined) return
    const facts = errorFacts(error)
    if (!Object.is(this.#recordedError, error)) this.#recordFacts(data, error, facts, undefined)
    if (data.statusCode === SpanStatusCode.UNSET) {
      setStatusOf(data, SpanStatusCode.ERROR, messageOf(facts.message))
    }
    if (!data.attributes.has('error.type'))
      this.setAttribute('error.type', errorType ?? facts.type ?? '_OTHER')
  }

  discard(reason: string): void {
    const data = this.#data
    if (data === undefined) return
    this.#letGo()
    discard(data, this.#decision, this.#trace, reason)
  }

  end(time?: TimeInput): void {
    if (this.#data !== undefined) this.#end(this.#data, timeOr(time, this.#offsetMs))
  }

  endAt(monotonicMs: number): void {
    if (this.#data !== undefined) this.#end(this.#data, fromUnixMs(this.#offsetMs + monotonicMs))
  }

  #end(data: SpanData, time: HrTime): void {
    this.#letGo()
    setEnd(data, time)
    data.traceState = serializedTraceState(this.#context.traceState)
    handOver(data, this.#decision, this.#trace)
  }

  #letGo(): void {
    this.#data = undefined
    this.#recordedError = NO_ERROR
    spanClosed(this)
    forgetFields(this)
  }
}

function setStatusOf(data: SpanData, code: SpanStatusCode, message: string | undefined): void {
  data.statusCode = code
  data.statusMessage = message
}

/** A span can't end before it starts: its duration is then zero. */
function setEnd(data: SpanData, end: HrTime): void {
  const early = isBefore(end, data.startSeconds, data.startNanos)
  data.endSeconds = early ? data.startSeconds : end[0]
  data.endNanos = early ? data.startNanos : end[1]
}
