import type { AttributeValue } from '@opentelemetry/api'
import { AttributeList, type FlatAttributes } from '../attribute-list'
import { countFault } from '../diagnostics'
import { acceptField, MAX_KEY_LENGTH } from './field-values'

const MAX_FIELDS = 64

/** A field as a log line has it. */
export interface FieldText {
  readonly key: string
  /** How the key stands in a line that has it already: `"tenant.id":`. */
  readonly keyText: string
  /** `,"tenant.id":"acme"` */
  readonly member: string
}

/** The fields of a request: at most 64, unique keys, values as {@link acceptField} lets them pass. Immutable. */
export class RequestFields {
  /** Alternating keys and values. */
  readonly flat: FlatAttributes
  #texts: readonly FieldText[] | undefined

  constructor(flat: FlatAttributes) {
    this.flat = flat
  }

  /** For log lines, made once: a request writes many of them. */
  get texts(): readonly FieldText[] {
    this.#texts ??= textsOf(this.flat)
    return this.#texts
  }
}

function textsOf(flat: FlatAttributes): FieldText[] {
  const texts: FieldText[] = []
  for (let i = 0; i < flat.length; i += 2) {
    const key = flat[i] as string
    const keyText = `${JSON.stringify(key)}:`
    texts.push({ key, keyText, member: `,${keyText}${JSON.stringify(flat[i + 1])}` })
  }
  return texts
}

/** What of `given` can be fields; the rest is counted. A value that is `undefined` says nothing. Never throws. */
export function acceptFields(given: unknown): FlatAttributes {
  const accepted: (string | AttributeValue)[] = []
  for (const key of keysOf(given)) {
    if (accepted.length === MAX_FIELDS * 2) {
      countFault('annotation_limit')
      break
    }
    const value = readField(given as Record<string, unknown>, key)
    if (value !== undefined) accepted.push(key, value)
  }
  return accepted
}

function keysOf(given: unknown): readonly string[] {
  try {
    if (typeof given === 'object' && given !== null && !Array.isArray(given)) return Object.keys(given)
  } catch {
    // A Proxy that throws; counted below.
  }
  countFault('annotation')
  return []
}

function readField(given: Record<string, unknown>, key: string): AttributeValue | undefined {
  try {
    const value = given[key]
    if (value === undefined) return undefined
    const accepted = key === '' || key.length > MAX_KEY_LENGTH ? undefined : acceptField(value)
    if (accepted !== undefined) return accepted
  } catch {
    // A getter that throws; counted below.
  }
  countFault('annotation')
  return undefined
}

/** `earlier` with `later` over it. What would be more than 64 fields is left out and counted. */
export function mergeFields(earlier: RequestFields | undefined, later: FlatAttributes): RequestFields {
  const merged = new AttributeList(earlier === undefined ? [] : [...earlier.flat])
  for (let i = 0; i < later.length; i += 2) {
    const key = later[i] as string
    if (merged.size < MAX_FIELDS || merged.has(key)) merged.set(key, later[i + 1] as AttributeValue)
    else countFault('annotation_limit')
  }
  return new RequestFields(merged.flat)
}
