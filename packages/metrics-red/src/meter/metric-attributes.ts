import { type AttributeValue, countFault, type FlatAttributes } from '@hashira/core'

/** Attributes of one measurement that are kept; OpenTelemetry's default for everything that has attributes. */
const MAX_ATTRIBUTES = 128
/** UTF-16 units of a text and of a key: 2,000 series of any length would be no bound for the memory. */
const MAX_TEXT = 8_192
const MAX_ELEMENTS = 100

export type Pair = readonly [key: string, value: AttributeValue]

/** Attributes as a series has them. */
export interface AcceptedAttributes {
  /** In the order that they were given in. */
  readonly pairs: readonly Pair[]
  /** Those that a view filtered out. */
  readonly filtered: readonly Pair[]
  /** Whether reading the given object key by key yields exactly {@link pairs}. */
  readonly isVerbatim: boolean
}

/**
 * Own enumerable properties that are text, numbers, booleans or lists of them. `null` and `undefined` are no value. Anything
 * else is left out and counted, and so is a property that throws when it is read. Never throws.
 *
 * @param allowed a view's allow-list
 */
export function acceptAttributes(
  given: unknown,
  allowed: ReadonlySet<string> | undefined,
): AcceptedAttributes {
  const pairs: Pair[] = []
  const filtered: Pair[] = []
  let isVerbatim = true
  for (const key of keysOf(given)) {
    const { value, isAsGiven } = acceptProperty(given as Record<string, unknown>, key)
    isVerbatim &&= isAsGiven
    if (value === undefined) continue
    if (allowed !== undefined && !allowed.has(key)) filtered.push([key, value])
    else if (pairs.length < MAX_ATTRIBUTES) pairs.push([key, value])
    else {
      countFault('metric_attribute_count')
      isVerbatim = false
    }
  }
  return { pairs, filtered, isVerbatim }
}

/** Alternating keys and values. */
export function flatten(pairs: readonly Pair[]): FlatAttributes {
  return pairs.flat()
}

/** The other way round. */
export function unflatten(attributes: FlatAttributes): Record<string, unknown> {
  const pairs: [string, unknown][] = []
  for (let i = 0; i < attributes.length; i += 2) pairs.push([attributes[i] as string, attributes[i + 1]])
  return Object.fromEntries(pairs)
}

function keysOf(given: unknown): readonly string[] {
  if (given === undefined || given === null) return []
  try {
    if (typeof given === 'object' && !Array.isArray(given)) return Object.keys(given)
  } catch {
    // A Proxy that throws; counted below.
  }
  countFault('metric_attributes')
  return []
}

interface AcceptedValue {
  readonly value: AttributeValue | undefined
  readonly isAsGiven: boolean
}

const ABSENT: AcceptedValue = { value: undefined, isAsGiven: true }
const REFUSED: AcceptedValue = { value: undefined, isAsGiven: false }

function acceptProperty(given: Record<string, unknown>, key: string): AcceptedValue {
  try {
    const value = given[key]
    if (value === undefined || value === null) return ABSENT
    if (key.length > 0 && key.length <= MAX_TEXT) {
      if (typeof value === 'string' && value.length <= MAX_TEXT) return { value, isAsGiven: true }
      if (typeof value === 'number' || typeof value === 'boolean') return { value, isAsGiven: true }
      const accepted = acceptOther(value)
      if (accepted !== undefined) return { value: accepted, isAsGiven: false }
    }
  } catch {
    // A getter that throws; counted below.
  }
  countFault('metric_attribute')
  return REFUSED
}

function acceptOther(value: unknown): AttributeValue | undefined {
  if (typeof value === 'string') {
    countFault('metric_attribute_length')
    return value.slice(0, MAX_TEXT)
  }
  if (!Array.isArray(value)) return undefined
  const type = typeof value.find((element) => element !== null && element !== undefined)
  if (type !== 'string' && type !== 'number' && type !== 'boolean' && type !== 'undefined') return undefined
  const elements = Array.from(value.slice(0, MAX_ELEMENTS), (element: unknown) => element ?? null)
  if (!elements.every((element) => element === null || typeof element === type)) return undefined
  const texts = elements.map((element) =>
    typeof element === 'string' ? element.slice(0, MAX_TEXT) : element,
  )
  return texts as AttributeValue
}
