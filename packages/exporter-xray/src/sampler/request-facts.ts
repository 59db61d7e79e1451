import type { Resource } from '@hashira/core'
import type { Attributes, AttributeValue } from '@opentelemetry/api'
import { serviceTypeOf } from '../segment/origin'

/** What rules look at in the process; texts in lower case. */
export interface ProcessFacts {
  readonly serviceName: string | undefined
  readonly serviceType: string | undefined
  readonly resourceArn: string | undefined
}

/** What rules look at in a request, read once for all rules; texts in lower case, attributes as they are. */
export interface RequestFacts extends ProcessFacts {
  readonly host: string | undefined
  /** The `Host` header may have its port. */
  readonly hostAndPort: string | undefined
  readonly method: string | undefined
  readonly path: string | undefined
  readonly attributes: Attributes
}

export function processFacts({ attributes }: Resource): ProcessFacts {
  const text = (...keys: string[]) => firstText(keys.map((key) => attributes.get(key)))
  return {
    serviceName: text('service.name'),
    serviceType: serviceTypeOf(attributes)?.toLowerCase(),
    resourceArn: text(
      'aws.ecs.container.arn',
      'aws.ecs.cluster.arn',
      'aws.eks.cluster.arn',
      'cloud.resource_id',
    ),
  }
}

/** Attributes of the stable HTTP conventions, then of those before. */
export function requestFacts(process: ProcessFacts, attributes: Attributes): RequestFacts {
  const text = (...keys: string[]) => firstText(keys.map((key) => attributes[key]))
  const host = text('server.address', 'http.host', 'net.host.name')
  const port = attributes['server.port'] ?? attributes['net.host.port']
  return {
    serviceName: process.serviceName,
    serviceType: process.serviceType,
    resourceArn: process.resourceArn ?? text('aws.lambda.invoked_arn'),
    host,
    hostAndPort: host === undefined || port === undefined ? host : `${host}:${port}`,
    method: text('http.request.method', 'http.method'),
    path: pathOf(text('url.path', 'http.target', 'url.full', 'http.url')),
    attributes,
  }
}

function pathOf(target: string | undefined): string | undefined {
  const path = target?.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/, '').replace(/[?#].*$/s, '')
  return path === '' ? '/' : path
}

function firstText(values: readonly (AttributeValue | undefined)[]): string | undefined {
  const found = values.find((value) => typeof value === 'string' && value !== '')
  return (found as string | undefined)?.toLowerCase()
}
