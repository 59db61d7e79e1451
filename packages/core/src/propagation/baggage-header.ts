import { type Baggage, type BaggageEntry, baggageEntryMetadataFromString } from '@opentelemetry/api'
import { countFault } from '../diagnostics'
import { BaggageList } from './baggage-list'
import { asciiSet, consistsOf, trimOws } from './header-text'
import { isEncoded, percentDecode, percentEncode } from './percent-encoding'

const TOKEN = asciiSet("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~")
// W3C guarantees 64 members within 8,192 bytes; its grammar ends at 180 members.
const MAX_MEMBERS = 180
const MAX_BYTES = 8_192

/**
 * The members of a `baggage` header (W3C Baggage, 3.3). Malformed members are left out, the rest is kept; of equal keys the
 * last one counts. Members that end beyond 8,192 bytes or come after the 180th are left out as well.
 * `undefined` when nothing is left.
 */
export function parseBaggage(header: string): Baggage | undefined {
  const entries = new Map<string, BaggageEntry>()
  for (let start = 0; start < header.length && entries.size < MAX_MEMBERS; ) {
    let end = header.indexOf(',', start)
    if (end < 0) end = header.length
    if (end > MAX_BYTES) {
      countFault('baggage_limit')
      break
    }
    addMember(entries, trimOws(header, start, end))
    start = end + 1
  }
  return entries.size === 0 ? undefined : new BaggageList(entries)
}

function addMember(entries: Map<string, BaggageEntry>, member: string): void {
  if (member === '') return
  const semicolon = member.indexOf(';')
  const valueEnd = semicolon < 0 ? member.length : semicolon
  const equals = member.indexOf('=')
  const key = trimOws(member, 0, Math.max(equals, 0))
  const value = trimOws(member, equals + 1, valueEnd)
  const properties = semicolon < 0 ? '' : normaliseProperties(member.slice(semicolon + 1))
  if (equals > valueEnd || !isToken(key) || !isEncoded(value) || properties === undefined) {
    countFault('baggage_member')
    return
  }
  const entry: BaggageEntry = { value: percentDecode(value) }
  if (properties !== '') entry.metadata = baggageEntryMetadataFromString(properties)
  entries.set(key, entry)
}

/** `properties` without white space around `;` and `=`; `undefined` when one of them is malformed. They stay encoded. */
function normaliseProperties(properties: string): string | undefined {
  const normalised: string[] = []
  for (const property of properties.split(';')) {
    const equals = property.indexOf('=')
    const key = trimOws(property, 0, equals < 0 ? property.length : equals)
    if (key === '' && equals < 0) continue
    const value = equals < 0 ? '' : trimOws(property, equals + 1)
    if (!isToken(key) || !isEncoded(value)) return undefined
    normalised.push(equals < 0 ? key : `${key}=${value}`)
  }
  return normalised.join(';')
}

/**
 * The `baggage` header, or `undefined` when there is nothing to send. Members whose key or metadata W3C does not allow, and
 * members that do not fit into 8,192 bytes or 180 members, are left out whole.
 */
export function formatBaggage(baggage: Baggage): string | undefined {
  let header = ''
  let count = 0
  for (const [key, entry] of baggage.getAllEntries()) {
    const member = formatMember(key, entry)
    const length = member === undefined ? 0 : header.length + member.length + (count > 0 ? 1 : 0)
    if (member === undefined || count === MAX_MEMBERS || length > MAX_BYTES) {
      countFault(member === undefined ? 'baggage_member' : 'baggage_limit')
      continue
    }
    header = count === 0 ? member : `${header},${member}`
    count++
  }
  return count === 0 ? undefined : header
}

function formatMember(key: unknown, entry: BaggageEntry): string | undefined {
  if (typeof key !== 'string' || !isToken(key) || typeof entry.value !== 'string') return undefined
  // What can't fit is not encoded first.
  if (key.length + entry.value.length > MAX_BYTES) return undefined
  const properties = entry.metadata === undefined ? '' : normaliseProperties(entry.metadata.toString())
  if (properties === undefined) return undefined
  const member = `${key}=${percentEncode(entry.value)}`
  return properties === '' ? member : `${member};${properties}`
}

function isToken(text: string): boolean {
  return text !== '' && consistsOf(TOKEN, text)
}
