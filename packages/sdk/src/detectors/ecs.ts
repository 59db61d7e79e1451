import { askJson } from './ask-json'
import type { DetectedAttributes, Detector } from './detector'

interface Container {
  readonly DockerId?: string
  readonly DockerName?: string
  readonly Name?: string
  readonly Image?: string
  readonly ImageID?: string
  readonly ContainerARN?: string
  readonly LogDriver?: string
  readonly LogOptions?: Readonly<Record<string, string | undefined>>
}

interface Task {
  readonly Cluster?: string
  readonly TaskARN?: string
  readonly Family?: string
  readonly Revision?: string
  readonly AvailabilityZone?: string
  readonly LaunchType?: string
}

/**
 * `aws.ecs.*`, `container.*` and `cloud.*` of a task of Amazon ECS, as its metadata endpoint of version 4 tells them (Amazon ECS
 * developer guide, "Task metadata endpoint version 4"; semantic conventions, "AWS ECS").
 */
export const ecs: Detector = {
  name: 'ecs',
  detect: ({ env }) =>
    env['ECS_CONTAINER_METADATA_URI_V4'] === undefined
      ? undefined
      : { 'cloud.provider': 'aws', 'cloud.platform': 'aws_ecs' },
  async ask({ env, http }) {
    const base = env['ECS_CONTAINER_METADATA_URI_V4'] as string
    const [container, task] = await Promise.all([
      askJson<Container>(http, { url: base }),
      askJson<Task>(http, { url: `${base}/task` }),
    ])
    return { ...ofTask(task), ...ofContainer(container), ...ofLogs(container) }
  },
}

function ofTask({
  Cluster,
  TaskARN = '',
  Family,
  Revision,
  AvailabilityZone,
  LaunchType,
}: Task): DetectedAttributes {
  const [, , , region, account] = TaskARN.split(':')
  const prefix = TaskARN.slice(0, TaskARN.lastIndexOf(':'))
  const clusterArn =
    Cluster === undefined || Cluster.startsWith('arn:') ? Cluster : `${prefix}:cluster/${Cluster}`
  return {
    'aws.ecs.task.arn': TaskARN || undefined,
    'aws.ecs.task.id': TaskARN.slice(TaskARN.lastIndexOf('/') + 1) || undefined,
    'aws.ecs.task.family': Family,
    'aws.ecs.task.revision': Revision,
    'aws.ecs.cluster.arn': clusterArn,
    'aws.ecs.launchtype': LaunchType?.toLowerCase(),
    'cloud.availability_zone': AvailabilityZone,
    'cloud.region': region || undefined,
    'cloud.account.id': account || undefined,
  }
}

function ofContainer({ DockerId, DockerName, Image, ImageID, ContainerARN }: Container): DetectedAttributes {
  const [, name, tag] = /^(.*?)(?::([^:/]+))?$/.exec(Image ?? '') ?? []
  return {
    'container.id': DockerId,
    'container.name': DockerName,
    'container.image.name': name || undefined,
    'container.image.tags': tag === undefined ? undefined : [tag],
    'container.image.id': ImageID,
    'aws.ecs.container.arn': ContainerARN,
    'cloud.resource_id': ContainerARN,
  }
}

function ofLogs({ LogDriver, LogOptions = {}, ContainerARN = '' }: Container): DetectedAttributes {
  const group = LogOptions['awslogs-group']
  const stream = LogOptions['awslogs-stream']
  if (LogDriver !== 'awslogs' || group === undefined) return {}
  const [, partition, , ownRegion, account] = ContainerARN.split(':')
  const arn = `arn:${partition}:logs:${LogOptions['awslogs-region'] ?? ownRegion}:${account}:log-group:${group}`
  return {
    'aws.log.group.names': [group],
    'aws.log.group.arns': [`${arn}:*`],
    'aws.log.stream.names': stream === undefined ? undefined : [stream],
    'aws.log.stream.arns': stream === undefined ? undefined : [`${arn}:log-stream:${stream}`],
  }
}
