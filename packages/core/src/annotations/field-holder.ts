import { type Context, isSpanContextValid, type Span } from '@opentelemetry/api'
import { activeContext, operationOf, spanOf } from '../context'
import { shared } from '../shared'
import type { RequestFields } from './request-fields'

interface SpanFields {
  /** Whether there ever were any: where nobody annotates outside of requests, asking costs a look at this. */
  used: boolean
  readonly bySpan: WeakMap<Span, RequestFields>
}

const spanFields = shared<SpanFields>('annotations', () => ({ used: false, bySpan: new WeakMap() }))

/** The fields that `annotate()` gave the request of `context`, or outside of a request its span. */
export function fieldsOf(context: Context = activeContext()): RequestFields | undefined {
  const operation = operationOf(context)
  if (operation !== undefined) return operation.fields
  if (!spanFields.used) return undefined
  const span = spanOf(context)
  return span === undefined ? undefined : spanFields.bySpan.get(span)
}

/** Has `fields` kept for `context`, in place of those before. */
export function holdFields(context: Context, fields: RequestFields): void {
  const operation = operationOf(context)
  const span = spanOf(context)
  if (operation !== undefined) operation.fields = fields
  else if (span !== undefined) keepWithSpan(span, fields)
}

/** `fields` of the context in which `span` was started: outside of a request they go on with it. */
export function passFieldsOn(context: Context, span: Span, fields: RequestFields): void {
  if (operationOf(context) === undefined) keepWithSpan(span, fields)
}

function keepWithSpan(span: Span, fields: RequestFields): void {
  // One object stands for all spans without ids.
  if (!isSpanContextValid(span.spanContext())) return
  spanFields.used = true
  spanFields.bySpan.set(span, fields)
}

/** `span` is over: a context may hold it for hours, its fields are let go. */
export function forgetFields(span: Span): void {
  if (spanFields.used) spanFields.bySpan.delete(span)
}
