import type { AttributeList } from '@hashira/core'

const ORIGINS: Readonly<Record<string, string>> = {
  aws_app_runner: 'AWS::AppRunner::Service',
  aws_ec2: 'AWS::EC2::Instance',
  aws_ecs: 'AWS::ECS::Container',
  aws_eks: 'AWS::EKS::Container',
  aws_elastic_beanstalk: 'AWS::ElasticBeanstalk::Environment',
  aws_lambda: 'AWS::Lambda::Function',
}
const ECS_ORIGINS: Readonly<Record<string, string>> = { ec2: 'AWS::ECS::EC2', fargate: 'AWS::ECS::Fargate' }

/** What kind of AWS resource the process runs on; also `ServiceType` of sampling rules. `undefined` outside of AWS. */
export function originOf(attributes: AttributeList): string | undefined {
  const platform = attributes.get('cloud.platform')
  if (typeof platform !== 'string' || !Object.hasOwn(ORIGINS, platform)) return undefined
  if (platform !== 'aws_ecs') return ORIGINS[platform]
  const launched = String(attributes.get('aws.ecs.launchtype') ?? '').toLowerCase()
  return Object.hasOwn(ECS_ORIGINS, launched) ? ECS_ORIGINS[launched] : ORIGINS[platform]
}

/** Sampling rules know one kind of ECS container. */
export function serviceTypeOf(attributes: AttributeList): string | undefined {
  const origin = originOf(attributes)
  return origin?.startsWith('AWS::ECS::') ? ORIGINS['aws_ecs'] : origin
}
