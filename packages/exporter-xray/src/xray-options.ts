import { type AwsCredentials, type AwsCredentialsProvider, awsRegionOption } from '@hashira/aws'
import {
  type BatchLimits,
  booleanOption,
  choiceOption,
  codeOption,
  integerOption,
  listOption,
  type OptionValues,
  textOption,
  urlOption,
} from '@hashira/core'
import { daemonAddressOption } from './daemon-address'

/** Code first, then the environment variable, then the default. */
export interface XrayOptions {
  /**
   * `daemon` (default): segments over UDP to the X-Ray daemon, the CloudWatch agent or an ADOT collector. `otlp`: OTLP to X-Ray's own
   * endpoint, signed. `api`: segments by `PutTraceSegments`, signed. `HASHIRA_XRAY_VIA`.
   */
  via?: 'daemon' | 'otlp' | 'api' | undefined
  /** `host:port`, or `udp:host:port tcp:host:port`. Default `127.0.0.1:2000`. `AWS_XRAY_DAEMON_ADDRESS`. */
  daemonAddress?: string | undefined
  /** For `otlp` and `api`. `AWS_REGION`, `AWS_DEFAULT_REGION`. */
  region?: string | undefined
  /** For `otlp` and `api`, in place of X-Ray's own in the region, e.g. a VPC endpoint; a base URL. `HASHIRA_XRAY_ENDPOINT`. */
  endpoint?: string | undefined
  /** For `otlp` and `api`. Default: where the AWS SDK looks. */
  credentials?: AwsCredentials | AwsCredentialsProvider | undefined
  /** Of one request or batch of datagrams. Default 10,000. `HASHIRA_XRAY_TIMEOUT`. */
  timeoutMs?: number | undefined
  /** The name of segments. Default: the service's name. `AWS_XRAY_TRACING_NAME`. */
  segmentName?: string | undefined
  /** Attributes that X-Ray indexes; resource attributes as `otel.resource.NAME`. Default `http.route`. `HASHIRA_XRAY_ANNOTATIONS`. */
  annotations?: readonly string[] | undefined
  /** All attributes are annotations, as far as X-Ray's limits go. Default `false`. `HASHIRA_XRAY_INDEX_ALL_ATTRIBUTES`. */
  indexAllAttributes?: boolean | undefined
  /** `db.query.text` is the `sanitized_query` of SQL subsegments. Default `true`. `AWS_XRAY_COLLECT_SQL_QUERIES`. */
  collectSqlQueries?: boolean | undefined
  /** Log groups that X-Ray shows beside a trace. `HASHIRA_XRAY_LOG_GROUPS`, on Lambda `AWS_LAMBDA_LOG_GROUP_NAME`. */
  logGroups?: readonly string[] | undefined
  /** Spans in a batch. Default 512, `api` 50, `daemon` at most 32. `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`. */
  maxBatchItems?: number | undefined
  /** How long a span waits for its batch to fill. Default 1,000. `OTEL_BSP_SCHEDULE_DELAY`. */
  intervalMs?: number | undefined
  /** Spans that may wait. Default unlimited: `maxQueueBytes` is the bound. `OTEL_BSP_MAX_QUEUE_SIZE`. */
  maxQueueItems?: number | undefined
  /** Bytes that may wait. Default 64 MiB. */
  maxQueueBytes?: number | undefined
}

export const xrayOptionTable = {
  via: choiceOption('HASHIRA_XRAY_VIA', 'daemon', ['daemon', 'otlp', 'api']),
  daemonAddress: daemonAddressOption(),
  region: awsRegionOption(),
  endpoint: urlOption('HASHIRA_XRAY_ENDPOINT', undefined),
  credentials: codeOption<AwsCredentials | AwsCredentialsProvider, undefined>(
    undefined,
    'AWS credentials or a function that gives them',
    (value) =>
      typeof value === 'function' || (typeof value === 'object' && value !== null)
        ? (value as AwsCredentials | AwsCredentialsProvider)
        : undefined,
  ),
  timeoutMs: integerOption('HASHIRA_XRAY_TIMEOUT', 10_000, 1),
  segmentName: textOption('AWS_XRAY_TRACING_NAME', undefined),
  annotations: listOption('HASHIRA_XRAY_ANNOTATIONS', ['http.route']),
  indexAllAttributes: booleanOption('HASHIRA_XRAY_INDEX_ALL_ATTRIBUTES', false),
  collectSqlQueries: booleanOption('AWS_XRAY_COLLECT_SQL_QUERIES', true),
  logGroups: listOption(['HASHIRA_XRAY_LOG_GROUPS', 'AWS_LAMBDA_LOG_GROUP_NAME'], []),
  maxBatchItems: integerOption('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', undefined, 1),
  intervalMs: integerOption('OTEL_BSP_SCHEDULE_DELAY', 1_000, 0),
  maxQueueItems: integerOption('OTEL_BSP_MAX_QUEUE_SIZE', undefined, 1),
  maxQueueBytes: integerOption('', undefined, 1),
} as const

export type XraySettings = OptionValues<typeof xrayOptionTable>

/** What the user set, over what the way to X-Ray wants. */
export function limitsOf(settings: XraySettings, wanted: Partial<BatchLimits>): Partial<BatchLimits> {
  const { maxBatchItems, intervalMs, maxQueueItems, maxQueueBytes } = settings
  const given = Object.entries({ maxBatchItems, intervalMs, maxQueueItems, maxQueueBytes })
  return { ...wanted, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) }
}
