import type { AttributeValue } from '@opentelemetry/api'
import { countFault } from '../diagnostics'

/** UTF-16 units. Every span and every log line of a request carries its fields, so they are short. */
export const MAX_KEY_LENGTH = 256
export const MAX_TEXT_LENGTH = 1_024
const MAX_ELEMENTS = 64

/**
 * `value` as a field may hold it: a text (cut at 1,024 UTF-16 units), a finite number, a boolean, or an array of one of these
 * (64 elements, 1,024 units of text in all), which is copied and frozen. `undefined` if it is nothing of the kind.
 */
export function acceptField(value: unknown): AttributeValue | undefined {
  if (typeof value === 'object') return Array.isArray(value) ? acceptArray(value) : undefined
  return acceptPrimitive(value, MAX_TEXT_LENGTH)
}

type Primitive = string | number | boolean

function acceptPrimitive(value: unknown, maxLength: number): Primitive | undefined {
  if (typeof value === 'string') return cut(value, maxLength)
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  return typeof value === 'boolean' ? value : undefined
}

function acceptArray(values: readonly unknown[]): AttributeValue | undefined {
  const copy: Primitive[] = []
  let room = MAX_TEXT_LENGTH
  const length = Math.min(values.length, MAX_ELEMENTS)
  for (let i = 0; i < length && room > 0; i++) {
    const element = acceptPrimitive(values[i], room)
    if (element === undefined || typeof element !== typeof (copy[0] ?? element)) return undefined
    if (typeof element === 'string') room -= element.length
    copy.push(element)
  }
  if (copy.length < values.length) countFault('annotation_length')
  return Object.freeze(copy) as AttributeValue
}

function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  countFault('annotation_length')
  const last = text.charCodeAt(maxLength - 1)
  const end = last >= 0xd800 && last <= 0xdbff ? maxLength - 1 : maxLength
  // A slice would keep the whole text alive; this is a copy.
  return Buffer.from(text.slice(0, end), 'utf16le').toString('utf16le')
}
