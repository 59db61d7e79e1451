import type { Writable } from 'node:stream'
import { type AwsCredentials, type AwsCredentialsProvider, awsRegionOption } from '@hashira/aws'
import {
  booleanOption,
  choiceOption,
  codeOption,
  integerOption,
  listOption,
  type OptionSpec,
  type OptionValues,
  textOption,
  urlOption,
} from '@hashira/core'
import { type Dimensions, dimensionsOption } from './dimension-sets'
import { agentEndpointOption } from './ways/agent-endpoint'
import { type Way, wayOption } from './ways/choose-way'

/** Code first, then the environment variable, then the default. */
export interface CloudWatchOptions {
  /**
   * `stdout`: Embedded Metric Format on the process's output. `agent`: the same to the CloudWatch agent. `logs`: the same by
   * `PutLogEvents`. `putMetricData`: by that API. `otlp`: to CloudWatch's OTLP endpoints. Default `stdout` on Lambda, otherwise
   * `agent`. `HASHIRA_CLOUDWATCH_VIA`, `AWS_EMF_ENVIRONMENT`.
   */
  via?: Way | undefined
  /** Default `Hashira`. `AWS_EMF_NAMESPACE`. */
  namespace?: string | undefined
  /** The dimension `Service`. Default: the service's name. `AWS_EMF_SERVICE_NAME`. */
  serviceName?: string | undefined
  /** A property of every document. `AWS_EMF_SERVICE_TYPE`. */
  serviceType?: string | undefined
  /** Which labels are dimensions, by metric; before the defaults. `HASHIRA_CLOUDWATCH_DIMENSIONS`. */
  dimensions?: Dimensions | undefined
  /** HTTP durations bring `…error` and `…fault` along. Default `true`. `HASHIRA_CLOUDWATCH_ERROR_METRICS`. */
  errorMetrics?: boolean | undefined
  /** Resource attributes that every document has. `HASHIRA_CLOUDWATCH_RESOURCE_PROPERTIES`. */
  resourceProperties?: readonly string[] | undefined
  /** 1 keeps metrics by the second. Default 60. `HASHIRA_CLOUDWATCH_STORAGE_RESOLUTION`. */
  storageResolution?: 1 | 60 | undefined
  /** For `agent`: default `SERVICE-metrics`; `logs`: the same; `otlp`: with a stream, logs are sent as well. `AWS_EMF_LOG_GROUP_NAME`. */
  logGroupName?: string | undefined
  /** Default the agent's choice; `logs`: the host's name. `AWS_EMF_LOG_STREAM_NAME`. */
  logStreamName?: string | undefined
  /** Default `tcp://127.0.0.1:25888`. `AWS_EMF_AGENT_ENDPOINT`; `FLUENT_HOST` names only a host. */
  agentEndpoint?: string | undefined
  /** For `logs`, `putMetricData` and `otlp`. `AWS_REGION`, `AWS_DEFAULT_REGION`. */
  region?: string | undefined
  /** For the same, in place of AWS's own in the region, e.g. a VPC endpoint; a base URL. `HASHIRA_CLOUDWATCH_ENDPOINT`. */
  endpoint?: string | undefined
  /** For the same. Default: where the AWS SDK looks. */
  credentials?: AwsCredentials | AwsCredentialsProvider | undefined
  /** For `stdout`: another stream. */
  stream?: Writable | undefined
  /** Of one try. Default 10,000. `HASHIRA_CLOUDWATCH_TIMEOUT`. */
  timeoutMs?: number | undefined
  /** How often metrics are sent. Default 60,000. `OTEL_METRIC_EXPORT_INTERVAL`. */
  metricIntervalMs?: number | undefined
  /** Bytes that may wait. Default 64 MiB. */
  maxQueueBytes?: number | undefined
  /** For `otlp`; the other ways send deltas. Default `cumulative`. `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`. */
  temporality?: 'cumulative' | 'delta' | undefined
}

/** What tells one process from another, for Logs Insights. */
const RESOURCE_PROPERTIES = ['service.version', 'service.instance.id', 'host.name', 'k8s.pod.name']

export const cloudWatchOptionTable = {
  via: wayOption(),
  namespace: namespaceOption(),
  serviceName: textOption('AWS_EMF_SERVICE_NAME', undefined),
  serviceType: textOption('AWS_EMF_SERVICE_TYPE', undefined),
  dimensions: dimensionsOption(),
  errorMetrics: booleanOption('HASHIRA_CLOUDWATCH_ERROR_METRICS', true),
  resourceProperties: listOption('HASHIRA_CLOUDWATCH_RESOURCE_PROPERTIES', RESOURCE_PROPERTIES),
  storageResolution: storageResolutionOption(),
  logGroupName: logNameOption('AWS_EMF_LOG_GROUP_NAME', /^[.\-_/#A-Za-z0-9]{1,512}$/),
  logStreamName: logNameOption('AWS_EMF_LOG_STREAM_NAME', /^[^:*\p{Cc}]{1,512}$/u),
  agentEndpoint: agentEndpointOption(),
  region: awsRegionOption(),
  endpoint: urlOption('HASHIRA_CLOUDWATCH_ENDPOINT', undefined),
  credentials: codeOption<AwsCredentials | AwsCredentialsProvider, undefined>(
    undefined,
    'AWS credentials or a function that gives them',
    (value) =>
      typeof value === 'function' || (typeof value === 'object' && value !== null)
        ? (value as AwsCredentials | AwsCredentialsProvider)
        : undefined,
  ),
  stream: codeOption<Writable, undefined>(undefined, 'a writable stream', (value) =>
    typeof (value as Writable | null)?.write === 'function' ? (value as Writable) : undefined,
  ),
  timeoutMs: integerOption('HASHIRA_CLOUDWATCH_TIMEOUT', 10_000, 1),
  metricIntervalMs: integerOption('OTEL_METRIC_EXPORT_INTERVAL', undefined, 1),
  maxQueueBytes: integerOption('', undefined, 1),
  temporality: temporalityOption(),
} as const

export type CloudWatchSettings = OptionValues<typeof cloudWatchOptionTable>

/** As CloudWatch restricts them; `AWS/` is its own (PutMetricData API reference). */
function namespaceOption(): OptionSpec<string> {
  const accept = (value: unknown) =>
    typeof value === 'string' && /^(?!AWS\/|:)(?=.*[^ ])[A-Za-z0-9 ._#:/-]{1,255}$/.test(value)
      ? value
      : undefined
  return {
    env: ['AWS_EMF_NAMESPACE'],
    default: 'Hashira',
    allowed:
      'up to 255 letters, digits and characters of ._#:/- or space, not beginning with AWS/ or a colon',
    accept,
    parse: accept,
  }
}

function storageResolutionOption(): OptionSpec<1 | 60> {
  const accept = (value: unknown) => ([1, 60] as const).find((allowed) => allowed === value)
  return {
    env: ['HASHIRA_CLOUDWATCH_STORAGE_RESOLUTION'],
    default: 60,
    allowed: '1 or 60 (seconds)',
    accept,
    parse: (text) => accept(Number(text)),
  }
}

function logNameOption(variable: string, pattern: RegExp): OptionSpec<string | undefined> {
  const accept = (value: unknown) => (typeof value === 'string' && pattern.test(value) ? value : undefined)
  return {
    env: [variable],
    default: undefined,
    allowed: `a name of CloudWatch Logs (${pattern.source})`,
    accept,
    parse: accept,
  }
}

function temporalityOption(): OptionSpec<'cumulative' | 'delta'> {
  const variable = 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE'
  const option = choiceOption(variable, 'cumulative', ['cumulative', 'delta'])
  // The same as `delta` here, as there.
  return { ...option, parse: (text) => (text.toLowerCase() === 'lowmemory' ? 'delta' : option.parse(text)) }
}
