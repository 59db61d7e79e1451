import type { SpanRecord } from '@hashira/core'
import type { SpanFacts } from '../spans/span-facts'

const NONE: readonly string[] = []
const BASE_SERVICE = '_dd.base_service'
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[?[0-9a-f]*:[0-9a-f:.]+\]?)(?::\d+)?$/i

/**
 * `key:value` of what a client, producer or consumer span says about the other side, for the keys that the agent names
 * (datadog-agent `peerTagKeysToAggregateForSpan`), sorted. Numeric addresses are one and the same.
 */
export function peerTagsOf(record: SpanRecord, facts: SpanFacts, keys: readonly string[]): readonly string[] {
  if (keys.length === 0 || facts.kind === 'server') return NONE
  if (facts.kind === 'internal')
    return facts.isOtherService && facts.baseService !== '' ? [`${BASE_SERVICE}:${facts.baseService}`] : NONE
  const wanted = setOf(keys)
  const { flat } = record.attributes
  const tags: string[] = []
  for (let i = 0; i < flat.length; i += 2) {
    const value = flat[i + 1]
    const { name } = facts.keys[i >> 1]!
    if (typeof value === 'string' && value !== '' && wanted.has(name))
      tags.push(`${name}:${ADDRESS.test(value) ? 'blocked-ip-address' : value}`)
  }
  return tags.length > 1 ? tags.sort() : tags
}

const sets = new WeakMap<readonly string[], ReadonlySet<string>>()

function setOf(keys: readonly string[]): ReadonlySet<string> {
  let set = sets.get(keys)
  if (set === undefined) {
    set = new Set(keys)
    sets.set(keys, set)
  }
  return set
}
