import { asciiSet, consistsOf } from './header-text'

const HEX = asciiSet('0123456789abcdef')
const ANY_CASE_HEX = asciiSet('0123456789abcdefABCDEF')
const DIGITS = asciiSet('0123456789')
const ZERO = 0x30
const MAX_UINT64_DIGITS = 20
const MAX_UINT64 = 0xffff_ffff_ffff_ffffn

/** Hex digits of a trace id and of a span id, as OpenTelemetry and W3C have them. */
export const TRACE_ID_DIGITS = 32
export const SPAN_ID_DIGITS = 16

/** Only lower-case hex digits between `start` and `end`. */
export function isHex(text: string, start: number, end: number): boolean {
  return consistsOf(HEX, text, start, end)
}

export function isZero(text: string, start = 0, end = text.length): boolean {
  for (let i = start; i < end; i++) if (text.charCodeAt(i) !== ZERO) return false
  return true
}

/** Exactly `length` lower-case hex digits that are not all zero. */
export function isId(id: unknown, length: number): id is string {
  return typeof id === 'string' && id.length === length && consistsOf(HEX, id) && !isZero(id)
}

/** 1 to `length` hex digits of either case as an id of `length`: lower case, zeros put in front. `undefined` if it is none, or zero. */
export function idFromHex(text: string | undefined, length: number): string | undefined {
  if (text === undefined || text === '' || text.length > length || !consistsOf(ANY_CASE_HEX, text))
    return undefined
  return isZero(text) ? undefined : text.toLowerCase().padStart(length, '0')
}

/** A decimal number of 64 bits as 16 hex digits; all zero for `0`. `undefined` if it is none. */
export function hexFromDecimal(text: string | undefined): string | undefined {
  if (text === undefined || text === '' || text.length > MAX_UINT64_DIGITS || !consistsOf(DIGITS, text))
    return undefined
  const number = BigInt(text)
  return number > MAX_UINT64 ? undefined : number.toString(16).padStart(SPAN_ID_DIGITS, '0')
}

/** 16 hex digits as a decimal number. */
export function decimalFromHex(hex: string): string {
  return BigInt(`0x${hex}`).toString()
}

/** Whether two trace ids are of one trace: a system with ids of 64 bits passes on the lower half only. */
export function isSameTrace(one: string, other: string): boolean {
  if (one === other) return true
  return one.endsWith(other.slice(-16)) && (isZero(one, 0, 16) || isZero(other, 0, 16))
}
