import {
  AttributeList,
  type Environment,
  type OptionOrigin,
  type Resource,
  resolveOptions,
} from '@hashira/core'
import { type AppManifest, readAppManifest } from './app-manifest'
import { detectResource } from './detectors/detect-resource'
import { type ResourceAttributes, resourceAttributesOption } from './resource-attributes'
import type { Settings } from './settings'
import { version } from './version'

export interface DescribedResource {
  readonly resource: Resource
  /** Where `service.name` came from, for the start line: `package.json`. */
  readonly serviceNameFrom: string
  /** Resolves when metadata services have answered, at the latest after a second; `undefined` when none is asked. */
  readonly complete: Promise<void> | undefined
}

type Origins = { readonly [K in 'serviceName' | 'resourceAttributes']: OptionOrigin }

/** The resource of this process; the order of precedence for the service's name and version is in the README. */
export function describeResource(settings: Settings, origins: Origins, env: Environment): DescribedResource {
  const manifest = readAppManifest()
  const fromEnvironment = environmentAttributes(env)
  const name = serviceName(settings, origins, env, fromEnvironment, manifest)
  const attributes = new AttributeList()
  const set = (key: string, value: string | number | undefined) => {
    if (value !== undefined) attributes.set(key, value)
  }
  set('service.name', name.value)
  set('service.version', settings.serviceVersion ?? manifest.version)
  set('telemetry.sdk.name', 'hashira')
  set('telemetry.sdk.language', 'nodejs')
  set('telemetry.sdk.version', version)
  set('telemetry.distro.name', 'hashira')
  set('telemetry.distro.version', version)
  for (const [key, value] of Object.entries({ ...fromEnvironment, ...settings.resourceAttributes })) {
    if (key !== 'service.name' && !(key === 'service.version' && settings.serviceVersion !== undefined))
      set(key, value)
  }
  set('deployment.environment.name', settings.environment)
  const complete = detectResource(settings.resourceDetectors, attributes)
  return { resource: { attributes }, serviceNameFrom: name.from, complete }
}

/** What code does not set, the environment still may: an operator's attributes stay when the app adds its own. */
function environmentAttributes(env: Environment): ResourceAttributes {
  const table = { attributes: resourceAttributesOption('OTEL_RESOURCE_ATTRIBUTES') }
  return resolveOptions('start()', table, undefined, env).values.attributes
}

function serviceName(
  settings: Settings,
  origins: Origins,
  env: Environment,
  fromEnvironment: ResourceAttributes,
  manifest: AppManifest,
): { value: string; from: string } {
  const given = (origin: OptionOrigin, value: string | undefined) =>
    origin.from === 'code' ? value : undefined
  const candidates: readonly [value: string | undefined, from: string][] = [
    [given(origins.serviceName, settings.serviceName), 'start()'],
    [given(origins.resourceAttributes, settings.resourceAttributes['service.name']), 'start()'],
    [settings.serviceName, 'OTEL_SERVICE_NAME'],
    [fromEnvironment['service.name'], 'OTEL_RESOURCE_ATTRIBUTES'],
    [env['AWS_LAMBDA_FUNCTION_NAME'], 'AWS_LAMBDA_FUNCTION_NAME'],
    [manifest.name, 'package.json'],
  ]
  for (const [value, from] of candidates) if (value !== undefined && value !== '') return { value, from }
  return { value: 'unknown_service:node', from: 'default: set OTEL_SERVICE_NAME' }
}
