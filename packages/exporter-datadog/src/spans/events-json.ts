import type { AttributeList, SpanEvent, SpanLink } from '@hashira/core'
import { truncated, VALUE_LIMIT } from './limits'

/** Of one text in it: several fit. */
const TEXT_LIMIT = 5_000

/** `meta.events`, for agents without a field for them: as many whole events as fit into a tag. */
export function eventsJson(events: readonly SpanEvent[]): string {
  return joinWhole(events.map(eventJson))
}

/** `meta._dd.span_links`: ids in hex, attributes as text. */
export function linksJson(links: readonly SpanLink[]): string {
  return joinWhole(links.map(linkJson))
}

/** A JSON array of as many items as fit into a tag; one that was cut could not be read at all. */
function joinWhole(items: readonly string[]): string {
  let text = '['
  for (const item of items) {
    if (text.length + item.length + 2 > VALUE_LIMIT) continue
    text += text === '[' ? item : `,${item}`
  }
  return `${text}]`
}

function eventJson({ name, timeSeconds, timeNanos, attributes }: SpanEvent): string {
  const time = `${timeSeconds}${String(timeNanos).padStart(9, '0')}`.replace(/^0+(?=\d)/, '')
  const rest =
    attributes.size === 0
      ? ''
      : `,"attributes":{${[...attributes].map(([key, value]) => `${quoted(key)}:${valueJson(value)}`).join(',')}}`
  return `{"name":${quoted(name)},"time_unix_nano":${time}${rest}}`
}

function linkJson(link: SpanLink): string {
  const { traceId, spanId, traceFlags, traceState, attributes } = link
  const state = traceState === undefined ? '' : `,"tracestate":${quoted(traceState)}`
  const more = attributes.size === 0 ? '' : `,"attributes":${textAttributesJson(attributes)}`
  return `{"trace_id":"${traceId}","span_id":"${spanId}"${more}${state},"flags":${traceFlags & 1}}`
}

function textAttributesJson(attributes: AttributeList): string {
  const pairs = [...attributes].map(
    ([key, value]) => `${quoted(key)}:${quoted(typeof value === 'string' ? value : valueJson(value))}`,
  )
  return `{${pairs.join(',')}}`
}

function quoted(text: string): string {
  return JSON.stringify(truncated(String(text), TEXT_LIMIT))
}

/** Any attribute value; numbers that JSON does not have become text. */
export function valueJson(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : `"${value}"`
  if (typeof value === 'boolean') return String(value)
  if (Array.isArray(value))
    return `[${value.map((item) => (Array.isArray(item) ? quoted(String(item)) : valueJson(item))).join(',')}]`
  return value === null || value === undefined ? 'null' : quoted(String(value))
}
