import type { FlatAttributes } from '@hashira/core'
import { cut } from '../spans/limits'

const NAME_LIMIT = 200
const TAG_LIMIT = 200

/** ASCII letters, digits, `_` and `.`, a letter first; `undefined` when nothing is left. */
export function metricName(name: string): string | undefined {
  const safe = name.replace(/[^A-Za-z0-9_.]/g, '_').replace(/^[^A-Za-z]+/, '')
  return safe === '' ? undefined : safe.slice(0, NAME_LIMIT)
}

/** `key:value`, with what separates tags and fields replaced; `undefined` for an empty value, which Datadog does not have. */
export function tagText(key: string, value: unknown): string | undefined {
  const text =
    typeof value === 'string' ? value : Array.isArray(value) ? JSON.stringify(value) : String(value)
  if (text === '' || value === null || value === undefined) return undefined
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break ends a metric
  const safe = text.replace(/[,|\u0000-\u001f]/g, '_')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: see above
  return cut(`${key.replace(/[:,|#\u0000-\u001f]/g, '_')}:${safe}`, TAG_LIMIT)
}

export function tagTexts(attributes: FlatAttributes): string[] {
  const tags: string[] = []
  for (let i = 0; i < attributes.length; i += 2) {
    const tag = tagText(String(attributes[i]), attributes[i + 1])
    if (tag !== undefined) tags.push(tag)
  }
  return tags
}

/**
 * The rate whose inverse the agent takes as a count. It cuts what is behind the point, so a tiny bit more: 1 / (1 / 49) is
 * 48.99999999999999.
 */
export function rateText(count: number): string {
  return count === 1 ? '' : `|@${1 / (count * (1 + 1e-12))}`
}
