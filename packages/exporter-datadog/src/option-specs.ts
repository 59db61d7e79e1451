import { booleanOption, type OptionSpec } from '@hashira/core'
import { parseAgentUrl } from './agent/agent-address'
import { parseDogstatsdUrl } from './dogstatsd/dogstatsd-address'

/** Datadog's variables say `1` and `0` as well. */
export function datadogBoolean(env: string, fallback: boolean): OptionSpec<boolean> {
  const spec = booleanOption(env, fallback)
  return { ...spec, parse: (text) => (text === '1' ? true : text === '0' ? false : spec.parse(text)) }
}

/** `http://host:port`, `https://host:port` or `unix:///path`. */
export function agentUrlOption(env: string): OptionSpec<string | undefined> {
  const accept = (value: unknown) =>
    typeof value === 'string' && parseAgentUrl(value) !== undefined ? value : undefined
  const allowed = 'an absolute http, https or unix URL'
  return { env: [env], default: undefined, allowed, accept, parse: accept }
}

/** `udp://host:port`, `unix:///path` (datagrams) or `unixstream:///path`. */
export function dogstatsdUrlOption(env: string): OptionSpec<string | undefined> {
  const accept = (value: unknown) =>
    typeof value === 'string' && parseDogstatsdUrl(value) !== undefined ? value : undefined
  const allowed = 'a udp, unix or unixstream URL'
  return { env: [env], default: undefined, allowed, accept, parse: accept }
}

type Tags = Readonly<Record<string, string>>

/** Tags: an object in code; `key:value,key:value` in the environment, or with spaces between. */
export function tagsOption(env: string): OptionSpec<Tags> {
  const accept = (value: unknown): Tags | undefined => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return Object.values(value).every((tag) => typeof tag === 'string') ? (value as Tags) : undefined
  }
  return { env: [env], default: {}, allowed: 'tags: names and texts', accept, parse: parseTags }
}

function parseTags(text: string): Tags | undefined {
  const tags: Record<string, string> = {}
  // Datadog's rule: commas separate if there are any, otherwise spaces do.
  for (const pair of text.split(text.includes(',') ? ',' : /\s+/)) {
    const colon = pair.indexOf(':')
    const key = (colon < 0 ? pair : pair.slice(0, colon)).trim()
    if (key !== '') tags[key] = colon < 0 ? '' : pair.slice(colon + 1).trim()
  }
  return Object.keys(tags).length === 0 ? undefined : tags
}
