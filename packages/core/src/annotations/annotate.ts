import type { AttributeValue, Span } from '@opentelemetry/api'
import type { FlatAttributes } from '../attribute-list'
import { activeContext, operationOf, spanOf } from '../context'
import { countFault } from '../diagnostics'
import { fieldsOf, holdFields } from './field-holder'
import { acceptFields, mergeFields } from './request-fields'

/** Values of fields: texts, finite numbers, booleans, and arrays of one of these. `undefined` says nothing. */
export type Fields = Readonly<Record<string, AttributeValue | undefined>>

/**
 * Puts fields on the current request: `annotate({ 'tenant.id': id })`. They become attributes of the current span, of the
 * request's own span and of every span that is started later, and fields of every later log line. A later call adds to them and
 * replaces equal keys; what a span or a line says itself wins. They are let go with the end of the response.
 *
 * Outside of a request they belong to the current span: to it, to the spans started inside of it later, and to the log lines
 * written in any of these, until the span ends. Without a span there is nobody to give them to, and nothing happens.
 *
 * At most 64 fields, keys of up to 256 characters, texts cut at 1,024. What is not allowed is dropped and counted
 * (`hashira_faults_total`: `annotation`, `annotation_length`, `annotation_limit`). Never throws.
 */
export function annotate(fields: Fields): void {
  try {
    const accepted = acceptFields(fields)
    if (accepted.length === 0) return
    const context = activeContext()
    const span = spanOf(context)
    const operationSpan = operationOf(context)?.span
    holdFields(context, mergeFields(fieldsOf(context), accepted))
    if (span !== undefined) setAttributes(span, accepted)
    if (operationSpan !== undefined && operationSpan !== span) setAttributes(operationSpan, accepted)
  } catch {
    countFault('annotation')
  }
}

function setAttributes(span: Span, fields: FlatAttributes): void {
  for (let i = 0; i < fields.length; i += 2) {
    span.setAttribute(fields[i] as string, fields[i + 1] as AttributeValue)
  }
}
