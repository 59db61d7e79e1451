import { asciiSet, consistsOf, trimOws } from './header-text'
import { idFromHex, isHex, isId, SPAN_ID_DIGITS } from './ids'
import type { RemoteDecision } from './remote-span'

/** What `X-Amzn-Trace-Id` says. */
export interface XrayTrace {
  readonly traceId: string
  /** `undefined`: the trace has an id and no span yet. */
  readonly spanId: string | undefined
  readonly decision: RemoteDecision
  /** Fields that we do not know, to be sent on (`Lineage`): each with its `;` in front. */
  readonly others: string
}

const VISIBLE = asciiSet(Array.from({ length: 94 }, (_, i) => String.fromCharCode(0x21 + i)).join(''))
const MAX_LENGTH = 4_096
const MAX_FIELDS = 64
/** As AWS' SDK keeps them. */
const MAX_OTHERS = 256
const DASH = '-'

/** `Root=1-{8 hex}-{24 hex};Parent={16 hex};Sampled={0|1|?}` in any order and case of keys; `undefined` without a valid `Root`. */
export function parseXrayHeader(header: string): XrayTrace | undefined {
  if (header.length > MAX_LENGTH) return undefined
  let traceId: string | undefined
  let parent: string | undefined
  let decision: RemoteDecision = 'deferred'
  let others = ''
  for (const field of header.split(';', MAX_FIELDS)) {
    const equals = field.indexOf('=')
    if (equals <= 0) continue
    const key = trimOws(field, 0, equals)
    const value = trimOws(field, equals + 1)
    const name = key.toLowerCase()
    if (name === 'root') traceId = traceIdOf(value)
    else if (name === 'parent') parent = value
    else if (name === 'sampled') decision = DECISIONS.get(value) ?? 'deferred'
    else if (name !== 'self') others = withOther(others, `;${key}=${value}`)
  }
  const spanId = parent === undefined ? undefined : idOf(parent)
  // A parent that is there and none: who knows whose it is.
  if (traceId === undefined || (parent !== undefined && spanId === undefined)) return undefined
  return { traceId, spanId, decision, others }
}

const DECISIONS: ReadonlyMap<string, RemoteDecision> = new Map([
  ['1', 'sampled'],
  ['0', 'not sampled'],
])

function traceIdOf(root: string): string | undefined {
  if (root.length !== 35 || !root.startsWith('1-') || root[10] !== DASH) return undefined
  const id = (root.slice(2, 10) + root.slice(11)).toLowerCase()
  return isHex(id, 0, 32) && isId(id, 32) ? id : undefined
}

function idOf(parent: string): string | undefined {
  return parent.length === SPAN_ID_DIGITS ? idFromHex(parent, SPAN_ID_DIGITS) : undefined
}

function withOther(others: string, field: string): string {
  const fits = others.length + field.length <= MAX_OTHERS
  return fits && consistsOf(VISIBLE, field) ? others + field : others
}

export function formatXrayHeader(
  traceId: string,
  spanId: string,
  decision: RemoteDecision,
  others: string,
): string {
  const sampled = decision === 'deferred' ? '?' : decision === 'sampled' ? '1' : '0'
  return `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${spanId};Sampled=${sampled}${others}`
}
