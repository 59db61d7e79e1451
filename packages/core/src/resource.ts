import { AttributeList } from './attribute-list'
import { shared } from './shared'

/** What produces the telemetry: `service.name` and the like, once per process. */
export interface Resource {
  readonly attributes: AttributeList
}

/** The part of the resource that log lines carry. */
export interface ServiceIdentity {
  readonly name: string
  readonly version: string | undefined
  /** `deployment.environment.name`. */
  readonly environment: string | undefined
}

const current = shared<{ resource: Resource | undefined; service: ServiceIdentity | undefined }>(
  'resource',
  () => ({
    resource: undefined,
    service: undefined,
  }),
)

/** Set by `start()`. */
export function setResource(resource: Resource): void {
  current.resource = resource
  current.service = {
    name: String(resource.attributes.get('service.name') ?? 'unknown_service:node'),
    version: text(resource, 'service.version'),
    environment: text(resource, 'deployment.environment.name'),
  }
}

/** The resource of this process; empty before `start()`. */
export function currentResource(): Resource {
  current.resource ??= { attributes: new AttributeList() }
  return current.resource
}

/** `undefined` before `start()`. The object changes only when the resource does, so its identity may key a cache. */
export function serviceIdentity(): ServiceIdentity | undefined {
  return current.service
}

function text(resource: Resource, key: string): string | undefined {
  const value = resource.attributes.get(key)
  return value === undefined ? undefined : String(value)
}
