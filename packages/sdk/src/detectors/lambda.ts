import type { Detector } from './detector'

/** `faas.*` and `cloud.*` of AWS Lambda, from its environment (semantic conventions, "FaaS resource", "AWS Lambda"). */
export const lambda: Detector = {
  name: 'lambda',
  detect({ env }) {
    const name = env['AWS_LAMBDA_FUNCTION_NAME']
    if (name === undefined) return undefined
    const memory = Number(env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'])
    const group = env['AWS_LAMBDA_LOG_GROUP_NAME']
    const stream = env['AWS_LAMBDA_LOG_STREAM_NAME']
    return {
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_lambda',
      'cloud.region': env['AWS_REGION'],
      'faas.name': name,
      'faas.version': env['AWS_LAMBDA_FUNCTION_VERSION'],
      'faas.instance': stream,
      'faas.max_memory': memory > 0 ? memory * 1024 * 1024 : undefined,
      'aws.log.group.names': group === undefined ? undefined : [group],
      'aws.log.stream.names': stream === undefined ? undefined : [stream],
    }
  },
}
