import type { TraceState } from '@opentelemetry/api'
import { countFault } from '../diagnostics'
import { asciiSet, consistsOf, isOws } from './header-text'

const KEY_START = asciiSet('abcdefghijklmnopqrstuvwxyz0123456789')
const KEY = asciiSet('abcdefghijklmnopqrstuvwxyz0123456789_-*/@')
const EQUALS = 0x3d
const COMMA = 0x2c
const SPACE = 0x20
const MAX_MEMBERS = 32
const MAX_KEY = 256
const MAX_VALUE = 256
const LONG_MEMBER = 128
// W3C asks for at least 512 characters. Eight times that still fits beside other headers into the 16 KiB that Node accepts.
const MAX_SENT = 4_096

/** A `tracestate`: at most 32 members `key=value`, the newest first, unique keys. Immutable. */
export class W3cTraceState implements TraceState {
  readonly #members: readonly string[]

  /** `members` must be valid: from {@link parseTraceState} or checked by {@link set}. */
  constructor(members: readonly string[] = []) {
    this.#members = members
  }

  get(key: string): string | undefined {
    const member = this.#members.find((candidate) => hasKey(candidate, key))
    return member?.slice(key.length + 1)
  }

  /** The member moves to the front; beyond 32 the last one goes. A key or value that W3C does not allow changes nothing. */
  set(key: string, value: string): W3cTraceState {
    const member = `${key}=${value}`
    if (key.length !== keyLength(member, 0, member.length) || !isMember(member, 0, member.length)) {
      countFault('tracestate_member')
      return this
    }
    return new W3cTraceState([member, ...this.unset(key).#members].slice(0, MAX_MEMBERS))
  }

  unset(key: string): W3cTraceState {
    return new W3cTraceState(this.#members.filter((member) => !hasKey(member, key)))
  }

  serialize(): string {
    return this.#members.join(',')
  }

  /** For the header. Above 4,096 characters whole members go: first those above 128 characters, then from the right end. */
  serializeForHeader(): string {
    const text = this.serialize()
    return text.length <= MAX_SENT ? text : shorten(this.#members, text.length).join(',')
  }
}

/** The members of a `tracestate` header; `undefined` when any of them is malformed or there are more than 32. */
export function parseTraceState(header: string): W3cTraceState | undefined {
  const members: string[] = []
  for (let start = 0; start <= header.length; ) {
    let end = header.indexOf(',', start)
    if (end < 0) end = header.length
    const next = end + 1
    while (start < end && isOws(header.charCodeAt(start))) start++
    while (end > start && isOws(header.charCodeAt(end - 1))) end--
    if (end > start) {
      if (members.length === MAX_MEMBERS || !isMember(header, start, end)) return undefined
      members.push(header.slice(start, end))
    }
    start = next
  }
  return new W3cTraceState(members.length > 1 ? withUniqueKeys(members) : members)
}

/** The header of any implementation of the interface; a foreign one is checked first. `undefined` when there is nothing to send. */
export function formatTraceState(traceState: TraceState): string | undefined {
  const own = traceState instanceof W3cTraceState ? traceState : parseTraceState(traceState.serialize())
  const text = own?.serializeForHeader()
  return text === '' ? undefined : text
}

/** `first`, and behind it the members of `later` with other keys, as long as all of them fit. */
export function joinedTraceState(first: TraceState, later: TraceState): TraceState {
  return parseTraceState(`${first.serialize()},${later.serialize()}`) ?? first
}

function isMember(text: string, start: number, end: number): boolean {
  const length = keyLength(text, start, end)
  const valueStart = start + length + 1
  const valueLength = end - valueStart
  if (length === 0 || valueLength < 1 || valueLength > MAX_VALUE) return false
  if (text.charCodeAt(end - 1) === SPACE) return false
  for (let i = valueStart; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code < SPACE || code > 0x7e || code === COMMA || code === EQUALS) return false
  }
  return true
}

/** Of the key that stands before `=`; 0 when it is not allowed. */
function keyLength(text: string, start: number, end: number): number {
  const limit = Math.min(end, start + MAX_KEY + 1)
  for (let i = start; i < limit; i++) {
    if (text.charCodeAt(i) !== EQUALS) continue
    return KEY_START[text.charCodeAt(start)] === 1 && consistsOf(KEY, text, start, i) ? i - start : 0
  }
  return 0
}

function hasKey(member: string, key: string): boolean {
  return member.charCodeAt(key.length) === EQUALS && member.startsWith(key)
}

function withUniqueKeys(members: readonly string[]): readonly string[] {
  const keyOf = (member: string) => member.slice(0, member.indexOf('='))
  const seen = new Set(members.map(keyOf))
  if (seen.size === members.length) return members
  return members.filter((member) => seen.delete(keyOf(member)))
}

function shorten(members: readonly string[], length: number): string[] {
  let left = length
  const kept = [...members]
  for (let i = kept.length - 1; i >= 0 && left > MAX_SENT; i--) {
    const size = kept[i]!.length
    if (size <= LONG_MEMBER) continue
    kept.splice(i, 1)
    left -= size + 1
  }
  while (left > MAX_SENT) left -= kept.pop()!.length + 1
  return kept
}
