import type { AttributeList, Resource } from '@hashira/core'
import { VERSION } from '../version'
import { cut, defined } from './limits'
import { logGroupBlocks } from './log-groups'
import { originOf } from './origin'
import type { AwsResourceBlock, MetadataValue } from './segment-document'

/** What every segment of the process says, made once. */
export interface ResourceFacts {
  readonly serviceName: string
  readonly service: { readonly version: string } | undefined
  readonly origin: string | undefined
  readonly aws: AwsResourceBlock
  /** Each resource attribute as `otel.resource.NAME`. */
  readonly attributes: readonly (readonly [key: string, value: MetadataValue])[]
}

/** @param logGroups names, for what the resource does not say */
export function resourceFacts({ attributes }: Resource, logGroups: readonly string[]): ResourceFacts {
  const version = text(attributes, 'service.version')
  return {
    serviceName: text(attributes, 'service.name') ?? 'unknown_service:node',
    service: version === undefined ? undefined : { version },
    origin: originOf(attributes),
    aws: awsBlock(attributes, logGroups),
    attributes: [...attributes].map(([key, value]) => [`otel.resource.${key}`, value] as const),
  }
}

function awsBlock(attributes: AttributeList, logGroups: readonly string[]): AwsResourceBlock {
  const xray = {
    sdk: `${text(attributes, 'telemetry.distro.name') ?? 'hashira'} for ${text(attributes, 'telemetry.sdk.language') ?? 'nodejs'}`,
    sdk_version: text(attributes, 'telemetry.distro.version') ?? VERSION,
    auto_instrumentation: false,
  }
  const provider = text(attributes, 'cloud.provider')
  if (provider !== undefined && provider !== 'aws') return { xray }
  const platform = text(attributes, 'cloud.platform')
  return defined({
    account_id: text(attributes, 'cloud.account.id'),
    cloudwatch_logs: logGroupBlocks(attributes, logGroups),
    ec2: platform === 'aws_ec2' || provider === 'aws' ? ec2(attributes) : undefined,
    ecs: platform === 'aws_ecs' ? ecs(attributes) : undefined,
    eks: platform === 'aws_eks' || attributes.has('k8s.cluster.name') ? eks(attributes) : undefined,
    elastic_beanstalk: platform === 'aws_elastic_beanstalk' ? beanstalk(attributes) : undefined,
    xray,
  }) as AwsResourceBlock
}

/** Ids of instances begin so; elsewhere `host.id` is the machine's own id, and there is nothing to say. */
const INSTANCE_ID = /^i-/

function ec2(attributes: AttributeList) {
  const id = text(attributes, 'host.id')
  if (id === undefined || !INSTANCE_ID.test(id)) return undefined
  return defined({
    instance_id: id,
    availability_zone: text(attributes, 'cloud.availability_zone'),
    instance_size: text(attributes, 'host.type'),
    ami_id: text(attributes, 'host.image.id'),
  })
}

function ecs(attributes: AttributeList) {
  return defined({
    container: text(attributes, 'container.name'),
    container_id: text(attributes, 'container.id'),
    container_arn: text(attributes, 'aws.ecs.container.arn'),
    cluster_arn: text(attributes, 'aws.ecs.cluster.arn'),
    task_arn: text(attributes, 'aws.ecs.task.arn'),
    task_family: text(attributes, 'aws.ecs.task.family'),
    launch_type: text(attributes, 'aws.ecs.launchtype'),
    availability_zone: text(attributes, 'cloud.availability_zone'),
  })
}

function eks(attributes: AttributeList) {
  return defined({
    cluster_name: text(attributes, 'k8s.cluster.name'),
    pod: text(attributes, 'k8s.pod.name'),
    container_id: text(attributes, 'container.id'),
  })
}

function beanstalk(attributes: AttributeList) {
  const deployment = text(attributes, 'service.instance.id')
  return defined({
    environment_name: text(attributes, 'service.namespace'),
    version_label: text(attributes, 'service.version'),
    deployment_id: deployment !== undefined && /^\d{1,15}$/.test(deployment) ? Number(deployment) : undefined,
  })
}

function text(attributes: AttributeList, key: string): string | undefined {
  const value = attributes.get(key)
  return value === undefined || value === '' || typeof value === 'object' ? undefined : cut(String(value))
}
