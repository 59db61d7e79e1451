import type { InstrumentationScope, Resource } from '@hashira/core'
import { jsonAttributes, unlessEmpty, wellFormed } from './json-value'

/** The `resource` of ResourceSpans and ResourceMetrics. */
export function jsonResource(resource: Resource): string {
  return JSON.stringify({
    attributes: jsonAttributes(resource.attributes.flat),
    droppedAttributesCount: unlessEmpty(resource.attributes.droppedCount),
  })
}

/** `"scope":…,"schemaUrl":…` of ScopeSpans and ScopeMetrics, without braces. */
export function jsonScope({ name, version, schemaUrl }: InstrumentationScope): string {
  const scope = { name: wellFormed(name), version: version ? wellFormed(version) : undefined }
  const members = { scope, schemaUrl: schemaUrl ? wellFormed(schemaUrl) : undefined }
  return JSON.stringify(members).slice(1, -1)
}
