import type { HashiraSpan } from '@hashira/tracing'
import type { Attributes } from '@opentelemetry/api'
import { attributeValue, type Tags } from './tags'

/** Fields of an error in OpenTracing's semantic conventions, and what an exception event calls them. */
const EXCEPTION: ReadonlyMap<string, string> = new Map([
  ['error.kind', 'exception.type'],
  ['message', 'exception.message'],
  ['stack', 'exception.stacktrace'],
])

/** "Log" of the compatibility specification: an event named by `event`, or an exception where `event` is `error`. */
export function addLog(span: HashiraSpan, fields: Tags, timeUnixMs: number | undefined): void {
  const isError = fields['event'] === 'error'
  const error = fields['error.object']
  if (isError && error instanceof Error) {
    span.recordException(error, timeUnixMs)
    return
  }
  const attributes: Attributes = {}
  for (const [key, value] of Object.entries(fields)) {
    if (key === 'event') continue
    const accepted = attributeValue(value)
    if (accepted !== undefined) attributes[(isError && EXCEPTION.get(key)) || key] = accepted
  }
  const event = attributeValue(fields['event'])
  span.addEvent(isError ? 'exception' : String(event ?? 'log'), attributes, timeUnixMs)
}
