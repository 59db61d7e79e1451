import type { AttributeValue, Resource } from '@hashira/core'
import { asciiText } from './metric/ascii-text'

/** What is measured, and where its documents belong; of one process. */
export interface Subject {
  readonly namespace: string
  /** The dimensions that every metric has: `Service`, and `Environment` where it is known. */
  readonly dimensions: readonly (readonly [name: string, value: string])[]
  /** Members of every document that are no dimensions: the service's type, and resource attributes. */
  readonly properties: readonly (readonly [name: string, value: AttributeValue])[]
  readonly resource: Resource
}

export interface SubjectSettings {
  readonly namespace: string
  readonly serviceName: string | undefined
  readonly serviceType: string | undefined
  readonly resourceProperties: readonly string[]
}

/** CloudWatch's limit of a dimension's value. */
export const MAX_DIMENSION_VALUE = 1_024

export function subjectOf(resource: Resource, settings: SubjectSettings): Subject {
  const { namespace, serviceType, resourceProperties } = settings
  const environment = dimensionValue(
    resource.attributes.get('deployment.environment.name') ??
      resource.attributes.get('deployment.environment'),
  )
  const properties: [string, AttributeValue][] =
    serviceType === undefined ? [] : [['ServiceType', serviceType]]
  for (const key of resourceProperties) {
    const value = resource.attributes.get(key)
    if (value !== undefined) properties.push([`otel.resource.${key}`, value])
  }
  return {
    namespace,
    dimensions: [
      ['Service', dimensionValue(serviceOf(resource, settings)) ?? 'unknown_service'],
      ...(environment === undefined ? [] : [['Environment', environment] as const]),
    ],
    properties,
    resource,
  }
}

export function serviceOf(resource: Resource, { serviceName }: Pick<SubjectSettings, 'serviceName'>): string {
  return serviceName ?? String(resource.attributes.get('service.name') ?? 'unknown_service')
}

/** `value` as a dimension can have it; `undefined` where there is nothing, as CloudWatch refuses blank ones. */
export function dimensionValue(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  const text = asciiText(Array.isArray(value) ? JSON.stringify(value) : String(value), MAX_DIMENSION_VALUE)
  return text.trim() === '' ? undefined : text
}
