/** What Datadog says of a trace beside its ids. */
export interface DatadogState {
  /** −1 user reject, 0 automatic reject, 1 automatic keep, 2 user keep. */
  readonly priority: number | undefined
  /** Who began it: `rum`, `synthetics-browser`; empty when nobody says. */
  readonly origin: string
  /** `_dd.p.*` but the upper half of the trace id, as in `x-datadog-tags`: `_dd.p.dm=-4,_dd.p.usr=dXNlcg`. */
  readonly tags: string
}

/** Its key in a `tracestate`. */
export const DATADOG_MEMBER = 'dd'

const PRIORITIES: ReadonlyMap<string | undefined, number> = new Map([
  ['-1', -1],
  ['0', 0],
  ['1', 1],
  ['2', 2],
])
const TAG_PREFIX = '_dd.p.'
const TAG_FIELD = 't.'
const UPPER_TRACE_ID = 't.tid'
/** What a member's value may have (W3C), less what stands between fields; `=` is written as `~`. */
const FORBIDDEN = /[^\x20-\x2b\x2d-\x3a\x3c-\x7d]/g
const FORBIDDEN_IN_KEY = /[^\x21-\x2b\x2d-\x39\x3c\x3e-\x7e]/g
const TAG_KEY = /^t\.[\x21-\x2b\x2d-\x3c\x3e-\x7e]+$/
const MAX_LENGTH = 256

export function parsePriority(text: string | undefined): number | undefined {
  return PRIORITIES.get(text)
}

/**
 * The value of a `dd` member, `s:2;o:rum;t.dm:-4`, as Datadog's tracers write it (dd-trace-js `text_map.js`); `undefined` when there is
 * nothing to say. Shorter than the headers are: a field that does not fit into 256 characters is left out.
 */
export function formatDatadogMember({ priority, origin, tags }: DatadogState): string | undefined {
  const fields: string[] = []
  if (priority !== undefined) fields.push(`s:${priority}`)
  const begunBy = fieldText(origin)
  if (begunBy !== '') fields.push(`o:${begunBy}`)
  for (const tag of tags === '' ? [] : tags.split(',')) {
    const equals = tag.indexOf('=')
    const key = tag.slice(TAG_PREFIX.length, equals).replace(FORBIDDEN_IN_KEY, '_')
    fields.push(`${TAG_FIELD}${key}:${fieldText(tag.slice(equals + 1))}`)
  }
  let member = ''
  for (const field of fields) {
    const longer = member === '' ? field : `${member};${field}`
    if (longer.length <= MAX_LENGTH) member = longer
  }
  return member === '' ? undefined : member
}

/** Reads what {@link formatDatadogMember} writes. Never throws; what is not understood is left out. */
export function parseDatadogMember(member: string): DatadogState {
  let priority: number | undefined
  let origin = ''
  const tags: string[] = []
  for (const field of member.split(';')) {
    const colon = field.indexOf(':')
    if (colon < 0) continue
    const key = field.slice(0, colon).trim()
    const value = field.slice(colon + 1).trim()
    if (key === 's') priority = parsePriority(value)
    else if (key === 'o') origin = value.replaceAll('~', '=')
    else if (key !== UPPER_TRACE_ID && TAG_KEY.test(key))
      tags.push(`${TAG_PREFIX}${key.slice(TAG_FIELD.length)}=${value.replaceAll('~', '=')}`)
  }
  return { priority, origin, tags: tags.join(',') }
}

/** Without spaces around it: a member must not end with one. */
function fieldText(text: string): string {
  return text.trim().replace(FORBIDDEN, '_').replaceAll('=', '~')
}
