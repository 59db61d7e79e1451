import { type Exporter, resolveOptions } from '@hashira/core'
import { type CloudWatchOptions, cloudWatchOptionTable } from './cloudwatch-options'
import { type AgentEndpoint, parseAgentEndpoint } from './ways/agent-endpoint'
import { detectedWay } from './ways/choose-way'
import { OWNER } from './ways/signed-call'
import { viaAgent, viaLogs, viaStdout } from './ways/via-emf'
import { viaOtlp } from './ways/via-otlp'
import { viaPutMetricData } from './ways/via-put-metric-data'

/**
 * Metrics to Amazon CloudWatch: in the Embedded Metric Format on stdout (Lambda) or to the CloudWatch agent, unless `via` says
 * `logs`, `putMetricData` or `otlp`, which need a region and sign each request.
 *
 * Throws `HASHIRA_OPTION_INVALID`, `HASHIRA_OPTION_UNKNOWN`, and `HASHIRA_DEPENDENCY_MISSING` when what signs requests is not
 * installed; opens nothing before Hashira starts.
 */
export function cloudwatch(options?: CloudWatchOptions): Exporter {
  const { values, origins } = resolveOptions(OWNER, cloudWatchOptionTable, options, process.env)
  const name = 'cloudwatch'
  switch (values.via ?? detectedWay(process.env)) {
    case 'stdout':
      return { name, metrics: viaStdout(values) }
    case 'agent': {
      const fluent = origins.agentEndpoint.from === 'default' ? fluentEndpoint() : undefined
      return { name, metrics: viaAgent(values, fluent ?? values.agentEndpoint, fluent !== undefined) }
    }
    case 'logs':
      return { name, metrics: viaLogs(values) }
    case 'putMetricData':
      return { name, metrics: viaPutMetricData(values) }
    case 'otlp':
      return { name, ...viaOtlp(values) }
  }
}

/** ECS with FireLens: Fluent Bit listens where the agent would (aws-embedded-metrics, `ECSEnvironment`). */
function fluentEndpoint(): AgentEndpoint | undefined {
  const { FLUENT_HOST: host } = process.env
  return host === undefined ? undefined : parseAgentEndpoint(`tcp://${host}`)
}
