import type { Environment, OptionSpec } from '@hashira/core'

/** How metrics get to CloudWatch. */
export type Way = 'stdout' | 'agent' | 'logs' | 'putMetricData' | 'otlp'

const WAYS: readonly Way[] = ['stdout', 'agent', 'logs', 'putMetricData', 'otlp']

/** What aws-embedded-metrics does in each of its environments. */
const ENVIRONMENTS: Readonly<Record<string, Way>> = {
  lambda: 'stdout',
  local: 'stdout',
  agent: 'agent',
  ec2: 'agent',
  ecs: 'agent',
}

/** `HASHIRA_CLOUDWATCH_VIA`, or `AWS_EMF_ENVIRONMENT` with the names of aws-embedded-metrics. */
export function wayOption(): OptionSpec<Way | undefined> {
  const named = (text: string) => WAYS.find((way) => way.toLowerCase() === text.toLowerCase())
  return {
    env: ['HASHIRA_CLOUDWATCH_VIA', 'AWS_EMF_ENVIRONMENT'],
    default: undefined,
    allowed: `one of ${WAYS.join(', ')} (AWS_EMF_ENVIRONMENT: Lambda, Local, Agent, EC2, ECS)`,
    accept: (value) => WAYS.find((way) => way === value),
    parse: (text) => named(text) ?? ENVIRONMENTS[text.toLowerCase()],
  }
}

/** What Lambda prints is kept in CloudWatch Logs; everywhere else an agent is what AWS's own library looks for. */
export function detectedWay(env: Environment): Way {
  const isLambda = (env['AWS_LAMBDA_FUNCTION_NAME'] ?? '') !== ''
  return isLambda && (env['AWS_EMF_AGENT_ENDPOINT'] ?? '') === '' ? 'stdout' : 'agent'
}
