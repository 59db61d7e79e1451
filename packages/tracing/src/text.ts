import { countFault } from '@hashira/core'

/** UTF-16 units of a name or a status message; OpenTelemetry sets no limit, and 64 MB are no name. */
const MAX_TEXT_LENGTH = 8_192

/** What OpenTelemetry's SDK for Java calls a span without a usable name. */
const NO_NAME = '<unspecified span name>'

/**
 * The first `maxLength` UTF-16 units of `text`, one less where that would cut a surrogate pair in half. A surrogate that was
 * alone before stays; an encoder writes U+FFFD for it.
 */
export function truncated(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  const end = isPairAt(text, maxLength - 1) ? maxLength - 1 : maxLength
  // A slice would keep the whole text alive; this is a copy.
  return Buffer.from(text.slice(0, end), 'utf16le').toString('utf16le')
}

function isPairAt(text: string, index: number): boolean {
  const high = text.charCodeAt(index)
  const low = text.charCodeAt(index + 1)
  return high >= 0xd800 && high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff
}

/** A span's or event's name. What is no string is said as one if it is a primitive, and counted. Never throws. */
export function nameOf(name: unknown): string {
  if (typeof name === 'string')
    return name.length <= MAX_TEXT_LENGTH ? name : truncated(name, MAX_TEXT_LENGTH)
  countFault('name')
  if (name === undefined || name === null || typeof name === 'object' || typeof name === 'function') {
    return NO_NAME
  }
  return truncated(String(name), MAX_TEXT_LENGTH)
}

/** A status message: strings only, others count as none. */
export function messageOf(message: unknown): string | undefined {
  return typeof message === 'string' ? truncated(message, MAX_TEXT_LENGTH) : undefined
}
