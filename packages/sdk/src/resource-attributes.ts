import type { OptionSpec } from '@hashira/core'

export type ResourceAttributes = Readonly<Record<string, string>>

/** `key=value,key2=value2` with percent-encoded values (OpenTelemetry specification, `OTEL_RESOURCE_ATTRIBUTES`). */
export function resourceAttributesOption(variable: string): OptionSpec<ResourceAttributes> {
  return {
    env: [variable],
    default: {},
    allowed: 'attributes as key=value pairs with percent-encoded values',
    accept: (value) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
      return Object.values(value).every((item) => typeof item === 'string')
        ? (value as ResourceAttributes)
        : undefined
    },
    parse: parseResourceAttributes,
  }
}

function parseResourceAttributes(text: string): ResourceAttributes | undefined {
  const attributes: Record<string, string> = Object.create(null) as Record<string, string>
  for (const pair of text.split(',')) {
    if (pair.trim() === '') continue
    const at = pair.indexOf('=')
    const key = pair.slice(0, at).trim()
    if (at < 0 || key === '') return undefined
    try {
      attributes[key] = decodeURIComponent(pair.slice(at + 1).trim())
    } catch {
      return undefined
    }
  }
  return attributes
}
