import type { Resource } from '@hashira/core'
import { serviceOf } from './subject'

/** Where documents are kept in CloudWatch Logs. */
export interface LogPlace {
  readonly logGroupName: string
  readonly logStreamName: string
}

export interface LogPlaceSettings {
  readonly serviceName: string | undefined
  readonly logGroupName: string | undefined
  readonly logStreamName: string | undefined
}

const MAX_LENGTH = 512

/** The group defaults to `SERVICE-metrics` (as of aws-embedded-metrics), the stream to the host's name. */
export function logPlace(resource: Resource, settings: LogPlaceSettings): LogPlace {
  const host = String(resource.attributes.get('host.name') ?? 'default')
  return {
    logGroupName: settings.logGroupName ?? defaultLogGroup(resource, settings),
    logStreamName: settings.logStreamName ?? (host.replace(/[:*]/g, '_').slice(0, MAX_LENGTH) || 'default'),
  }
}

/** Of a service's name what a log group's may hold. */
export function defaultLogGroup(resource: Resource, settings: LogPlaceSettings): string {
  const name = `${serviceOf(resource, settings)}-metrics`
  return name.replace(/[^.\-_/#A-Za-z0-9]/g, '_').slice(0, MAX_LENGTH)
}
