import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { AttributeList, type Environment, type OptionOrigin, type Resource } from '@hashira/core'
import { type AppManifest, readAppManifest } from './app-manifest'
import type { Settings } from './settings'
import { version } from './version'

export interface DescribedResource {
  readonly resource: Resource
  /** Where `service.name` came from, for the start line: `package.json`. */
  readonly serviceNameFrom: string
}

/** The resource of this process; the order of precedence for the service's name and version is in the README. */
export function describeResource(
  settings: Settings,
  origin: OptionOrigin,
  env: Environment,
): DescribedResource {
  const manifest = readAppManifest()
  const name = serviceName(settings, origin, env, manifest)
  const attributes = new AttributeList()
  const set = (key: string, value: string | number | undefined) => {
    if (value !== undefined) attributes.set(key, value)
  }
  set('service.name', name.value)
  set('service.version', settings.serviceVersion ?? manifest.version)
  set('service.instance.id', randomUUID())
  set('telemetry.sdk.name', 'hashira')
  set('telemetry.sdk.language', 'nodejs')
  set('telemetry.sdk.version', version)
  set('telemetry.distro.name', 'hashira')
  set('telemetry.distro.version', version)
  set('host.name', hostname())
  set('process.pid', process.pid)
  set('process.runtime.name', 'nodejs')
  set('process.runtime.version', process.versions.node)
  for (const [key, value] of Object.entries(settings.resourceAttributes)) {
    if (key !== 'service.name' && !(key === 'service.version' && settings.serviceVersion !== undefined))
      set(key, value)
  }
  set('deployment.environment.name', settings.environment)
  return { resource: { attributes }, serviceNameFrom: name.from }
}

function serviceName(
  settings: Settings,
  origin: OptionOrigin,
  env: Environment,
  manifest: AppManifest,
): { value: string; from: string } {
  if (settings.serviceName !== undefined) {
    return { value: settings.serviceName, from: origin.from === 'env' ? origin.variable : 'start()' }
  }
  const candidates: readonly [value: string | undefined, from: string][] = [
    [settings.resourceAttributes['service.name'], 'OTEL_RESOURCE_ATTRIBUTES'],
    [env['AWS_LAMBDA_FUNCTION_NAME'], 'AWS_LAMBDA_FUNCTION_NAME'],
    [manifest.name, 'package.json'],
  ]
  for (const [value, from] of candidates) if (value !== undefined && value !== '') return { value, from }
  return { value: 'unknown_service:node', from: 'default: set OTEL_SERVICE_NAME' }
}
