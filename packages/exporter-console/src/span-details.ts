import { clip, type Paint, printable } from './terminal-text'
import type { TraceSpan } from './trace-span'

export type ShownAttributes = 'key' | 'all' | 'none'

const MAX_VALUE_LENGTH = 80

// Shown first, in this order. The other attributes of these namespaces say little to a reader of a tree.
const KEY_ATTRIBUTES = [
  'http.response.status_code',
  'url.path',
  'url.full',
  'db.query.text',
  'db.statement',
  'messaging.destination.name',
  'rpc.method',
  'error.type',
]
const CONVENTIONAL =
  /^(http|url|server|client|network|net|user_agent|db|messaging|rpc|code|thread|process|peer|error|exception)\./

/** What stands behind a span's bar: the error, the kind and the attributes that tell most. */
export function spanDetails(span: TraceSpan, shown: ShownAttributes, paint: Paint): string {
  const parts: string[] = []
  if (span.isError === true) {
    const message = span.errorMessage ? ` ${clip(printable(span.errorMessage), MAX_VALUE_LENGTH)}` : ''
    parts.push(paint('red', `✗${message || ' error'}`))
  }
  if (span.kind !== undefined && span.kind !== 'internal') parts.push(paint('gray', span.kind))
  for (const [key, value] of shownAttributes(span, shown)) {
    parts.push(`${paint('gray', `${printable(key)}=`)}${clip(printable(textOf(value)), MAX_VALUE_LENGTH)}`)
  }
  return parts.join(' ')
}

function shownAttributes(span: TraceSpan, shown: ShownAttributes): [string, unknown][] {
  if (shown === 'none') return []
  const all = Object.entries(span.attributes ?? {}).filter(([, value]) => value !== undefined)
  if (shown === 'all') return all
  const rank = (key: string) => (KEY_ATTRIBUTES.includes(key) ? KEY_ATTRIBUTES.indexOf(key) : 100)
  return all
    .filter(([key]) => KEY_ATTRIBUTES.includes(key) || !CONVENTIONAL.test(key))
    .sort(([a], [b]) => rank(a) - rank(b))
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}
