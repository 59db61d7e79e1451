import type { OptionSpec } from '@hashira/core'

type Labels = Readonly<Record<string, string>>

/** Names that Prometheus allows, and text values; from the environment `k=v,k2=v2`, percent-decoded. */
export function labelsOption(env: string): OptionSpec<Labels> {
  return {
    env: [env],
    default: {},
    allowed: 'labels: names of letters, digits and _ (not job), and text values',
    accept,
    parse,
  }
}

function accept(value: unknown): Labels | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const isLabel = ([name, text]: [string, unknown]) =>
    /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) && !/^(__|job$)/.test(name) && typeof text === 'string'
  return Object.entries(value).every(isLabel) ? (value as Labels) : undefined
}

function parse(text: string): Labels | undefined {
  const pairs = text.split(',').filter((pair) => pair.trim() !== '')
  try {
    return accept(Object.fromEntries(pairs.map(parsePair)))
  } catch {
    return undefined
  }
}

function parsePair(pair: string): [name: string, value: string] {
  const at = pair.indexOf('=')
  if (at <= 0) throw new RangeError('no name')
  return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())]
}
