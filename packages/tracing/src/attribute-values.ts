import { type AttributeList, countFault } from '@hashira/core'
import type { AttributeValue } from '@opentelemetry/api'
import { truncated } from './text'

/** Longer keys are dropped, counted as `attribute_key`. */
const MAX_KEY_LENGTH = 1_024
/** Elements of an array that are kept; the rest is cut and counted as `attribute_array`. */
const MAX_ARRAY_ELEMENTS = 1_000
/** UTF-16 units that the strings of one array may have together, unless one string may have more. */
const MAX_ARRAY_TEXT = 65_536
/** Keys of one attributes object that are looked at, unless the span may have more. */
const MAX_KEYS = 1_000

/**
 * Sets one attribute by OpenTelemetry's rules: a string, number, boolean, or an array of one of these (with null and undefined
 * in it). `null` and `undefined` are no value and set nothing; anything else is dropped and counted as `attribute_type`.
 * Never throws.
 */
export function putAttribute(
  list: AttributeList,
  key: unknown,
  value: unknown,
  countLimit: number,
  lengthLimit: number,
): void {
  if (value === undefined || value === null) return
  if (typeof key !== 'string' || key.length === 0 || key.length > MAX_KEY_LENGTH) {
    countFault('attribute_key')
    return
  }
  const accepted = acceptValue(value, lengthLimit)
  if (accepted === undefined) countFault('attribute_type')
  else if (list.size >= countLimit && !list.has(key)) list.droppedCount++
  else list.set(key, accepted)
}

/** Sets the own enumerable properties of `attributes`, each on its own: one that throws when it is read is dropped alone. */
export function putAttributes(
  list: AttributeList,
  attributes: unknown,
  countLimit: number,
  lengthLimit: number,
): void {
  if (attributes === undefined || attributes === null) return
  const keys = keysOf(attributes)
  const looked = Math.min(keys.length, Math.max(MAX_KEYS, countLimit))
  for (let i = 0; i < looked; i++) {
    const key = keys[i]!
    try {
      putAttribute(list, key, (attributes as Record<string, unknown>)[key], countLimit, lengthLimit)
    } catch {
      countFault('attribute_type')
    }
  }
  list.droppedCount += keys.length - looked
}

const NO_KEYS: readonly string[] = []

function keysOf(attributes: unknown): readonly string[] {
  try {
    if (typeof attributes === 'object' && !Array.isArray(attributes)) return Object.keys(attributes as object)
  } catch {
    // A Proxy that throws; counted below.
  }
  countFault('attributes')
  return NO_KEYS
}

/** `value` within its limits, `undefined` if it may not be an attribute. Arrays are copied. Never throws. */
export function acceptValue(value: unknown, lengthLimit: number): AttributeValue | undefined {
  switch (typeof value) {
    case 'string':
      return value.length <= lengthLimit ? value : truncated(value, lengthLimit)
    case 'number':
    case 'boolean':
      return value
    case 'object':
      return acceptArray(value, lengthLimit)
    default:
      return undefined
  }
}

function acceptArray(value: unknown, lengthLimit: number): AttributeValue | undefined {
  try {
    return Array.isArray(value) ? copyArray(value, lengthLimit) : undefined
  } catch {
    return undefined
  }
}

function copyArray(values: readonly unknown[], lengthLimit: number): AttributeValue | undefined {
  const copy: unknown[] = []
  let elementType: string | undefined
  let room = Math.max(lengthLimit, MAX_ARRAY_TEXT)
  const { length } = values
  for (let i = 0; i < length; i++) {
    if (i === MAX_ARRAY_ELEMENTS || room <= 0) {
      countFault('attribute_array')
      break
    }
    const element = values[i] ?? null
    if (element === null) {
      copy.push(null)
      continue
    }
    elementType ??= typeof element
    if (typeof element !== elementType) return undefined
    if (typeof element === 'string') {
      const text = truncated(element, Math.min(lengthLimit, room))
      room -= text.length
      copy.push(text)
    } else if (elementType === 'number' || elementType === 'boolean') copy.push(element)
    else return undefined
  }
  return copy as AttributeValue
}
