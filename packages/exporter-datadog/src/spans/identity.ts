import { randomUUID } from 'node:crypto'
import type { Resource } from '@hashira/core'
import { cut, NAME_LIMIT } from './limits'

/** Tells processes apart that have the same service and host; new with each process. */
export const RUNTIME_ID = randomUUID()

/** What every span, statistic and metric of this process says about itself (Datadog's "unified service tagging"). */
export interface Identity {
  readonly service: string
  readonly env: string
  readonly version: string
  /** `DD_TAGS`: on every span and metric. */
  readonly tags: readonly (readonly [key: string, value: string])[]
  /** What else the resource knows: on the first span of a chunk and on local roots only, for it never changes. */
  readonly resourceTags: readonly (readonly [key: string, value: string])[]
}

export interface IdentityOptions {
  readonly service?: string | undefined
  readonly env?: string | undefined
  readonly version?: string | undefined
  readonly tags: readonly (readonly [key: string, value: string])[]
}

const OWN_FIELDS = new Set([
  'service.name',
  'service.version',
  'deployment.environment.name',
  'deployment.environment',
])

/** Datadog's options and variables win over the resource, `service`, `env` and `version` of `DD_TAGS` come between. */
export function identityOf({ attributes }: Resource, options: IdentityOptions): Identity {
  const tag = (name: string) => options.tags.find(([key]) => key === name)?.[1]
  const text = (key: string) => {
    const value = attributes.get(key)
    return value === undefined ? undefined : String(value)
  }
  return {
    service: cut(
      options.service ?? tag('service') ?? text('service.name') ?? 'unnamed-nodejs-service',
      NAME_LIMIT,
    ),
    env:
      options.env ??
      tag('env') ??
      text('deployment.environment.name') ??
      text('deployment.environment') ??
      '',
    version: options.version ?? tag('version') ?? text('service.version') ?? '',
    tags: options.tags.filter(([key]) => key !== 'service' && key !== 'env' && key !== 'version'),
    resourceTags: [...attributes]
      .filter(([key]) => !OWN_FIELDS.has(key))
      .map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)] as const),
  }
}
