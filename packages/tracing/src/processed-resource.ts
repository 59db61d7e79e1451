import type { Resource } from '@hashira/core'
import type { Attributes, AttributeValue } from '@opentelemetry/api'

/** OpenTelemetry's Resource, as far as processors and exporters read it. */
export interface ProcessedResource {
  readonly attributes: Attributes
  readonly asyncAttributesPending: boolean
  waitForAsyncAttributes(): Promise<void>
  getRawAttributes(): [string, AttributeValue | undefined][]
  merge(other: { readonly attributes: Attributes } | null): ProcessedResource
}

const known = new WeakMap<Resource, ProcessedResource>()

export function processedResource(resource: Resource): ProcessedResource {
  let made = known.get(resource)
  if (made === undefined) {
    made = resourceOf(Object.fromEntries(resource.attributes))
    known.set(resource, made)
  }
  return made
}

function resourceOf(attributes: Attributes): ProcessedResource {
  return {
    attributes,
    asyncAttributesPending: false,
    waitForAsyncAttributes: async () => {},
    getRawAttributes: () => Object.entries(attributes),
    merge: (other) => resourceOf({ ...attributes, ...other?.attributes }),
  }
}
