import {
  type BatchLimitOptions,
  type BatchLimits,
  batchLimitOptions,
  batchLimitsOf,
  choiceOption,
  type Environment,
  integerOption,
  numberOption,
  type OptionValues,
  resolveOptions,
  textOption,
} from '@hashira/core'
import { type AgentAddress, agentAddress } from './agent/agent-address'
import type { ProtocolVersion } from './agent/agent-offer'
import { type DogstatsdAddress, dogstatsdAddress } from './dogstatsd/dogstatsd-address'
import { agentUrlOption, datadogBoolean, dogstatsdUrlOption, tagsOption } from './option-specs'
import type { DatadogSamplerSettings } from './sampling/datadog-sampler'
import type { IdentityOptions } from './spans/identity'

/** Code first, then the environment variable, then the default. */
export interface DatadogOptions extends BatchLimitOptions {
  /** How long a span waits for its batch to fill. Default 2,000, as in dd-trace. `OTEL_BSP_SCHEDULE_DELAY`. */
  intervalMs?: number | undefined
  /** `http://host:port` or `unix:///path` of the trace agent. `DD_TRACE_AGENT_URL`. */
  agentUrl?: string | undefined
  /** Default `127.0.0.1`. `DD_AGENT_HOST`. */
  agentHost?: string | undefined
  /** Default 8126. `DD_TRACE_AGENT_PORT`. */
  agentPort?: number | undefined
  /** Default: the newest that the agent offers. `DD_TRACE_AGENT_PROTOCOL_VERSION`. */
  protocolVersion?: ProtocolVersion | 'auto' | undefined
  /** Default: the resource's `service.name`. `DD_SERVICE`. */
  service?: string | undefined
  /** Default: the resource's `deployment.environment.name`. `DD_ENV`. */
  env?: string | undefined
  /** Default: the resource's `service.version`. `DD_VERSION`. */
  version?: string | undefined
  /** On every span and metric. `DD_TAGS` (`key:value,key:value`). */
  tags?: Readonly<Record<string, string>> | undefined
  /** Count every span here, sampled or not, where the agent takes that. Default `true`. `DD_TRACE_STATS_COMPUTATION_ENABLED`. */
  statistics?: boolean | undefined
  /** Part of the new traces to keep, in place of the agent's rates. `DD_TRACE_SAMPLE_RATE`. */
  sampleRate?: number | undefined
  /** Traces a second that `sampleRate` may keep. Default 100; below 0: no limit. `DD_TRACE_RATE_LIMIT`. */
  rateLimit?: number | undefined
  /** `udp://host:port`, `unix:///path` or `unixstream:///path` of DogStatsD. `DD_DOGSTATSD_URL`. */
  dogstatsdUrl?: string | undefined
  /** Default: the agent's host. `DD_DOGSTATSD_HOST`. */
  dogstatsdHost?: string | undefined
  /** Default 8125. `DD_DOGSTATSD_PORT`. */
  dogstatsdPort?: number | undefined
  /** `distribution` (default): percentiles over all hosts. `histogram`: aggregated by each agent. */
  histograms?: 'distribution' | 'histogram' | undefined
  /** Counts and gauges carry their time. Default `false`. */
  timestamps?: boolean | undefined
  /** How often metrics are sent. Default 10,000. `OTEL_METRIC_EXPORT_INTERVAL`. */
  metricIntervalMs?: number | undefined
  /** Of one request. Default 5,000. */
  timeoutMs?: number | undefined
  /** `DD_ENTITY_ID`: the pod's UID, by which the agent finds the tags of metrics. */
  entityId?: string | undefined
  /** `DD_EXTERNAL_ENV`: set by Datadog's admission controller. */
  externalEnv?: string | undefined
}

const identityTable = {
  service: textOption('DD_SERVICE', undefined),
  env: textOption('DD_ENV', undefined),
  version: textOption('DD_VERSION', undefined),
  tags: tagsOption('DD_TAGS'),
}

const samplingTable = {
  sampleRate: numberOption('DD_TRACE_SAMPLE_RATE', undefined, 0, 1),
  rateLimit: numberOption('DD_TRACE_RATE_LIMIT', 100, -1, Number.MAX_SAFE_INTEGER),
}

const optionTable = {
  ...identityTable,
  ...samplingTable,
  agentUrl: agentUrlOption('DD_TRACE_AGENT_URL'),
  agentHost: textOption(['DD_AGENT_HOST', 'DD_TRACE_AGENT_HOSTNAME'], undefined),
  agentPort: integerOption('DD_TRACE_AGENT_PORT', undefined, 1, 65_535),
  protocolVersion: choiceOption('DD_TRACE_AGENT_PROTOCOL_VERSION', 'auto', ['auto', '0.4', '0.5', '1.0']),
  statistics: datadogBoolean('DD_TRACE_STATS_COMPUTATION_ENABLED', true),
  dogstatsdUrl: dogstatsdUrlOption('DD_DOGSTATSD_URL'),
  dogstatsdHost: textOption('DD_DOGSTATSD_HOST', undefined),
  dogstatsdPort: integerOption('DD_DOGSTATSD_PORT', undefined, 1, 65_535),
  histograms: choiceOption('', 'distribution', ['distribution', 'histogram']),
  timestamps: datadogBoolean('', false),
  metricIntervalMs: integerOption('OTEL_METRIC_EXPORT_INTERVAL', 10_000, 1),
  timeoutMs: integerOption('', 5_000, 1),
  ...batchLimitOptions('traces'),
  intervalMs: integerOption('OTEL_BSP_SCHEDULE_DELAY', 2_000, 0),
  entityId: textOption('DD_ENTITY_ID', undefined),
  externalEnv: textOption('DD_EXTERNAL_ENV', undefined),
}

export interface DatadogSettings {
  readonly agent: AgentAddress
  readonly dogstatsd: DogstatsdAddress
  readonly version: ProtocolVersion | undefined
  readonly identity: IdentityOptions
  readonly sampler: DatadogSamplerSettings
  readonly values: OptionValues<typeof optionTable>
  readonly limits: Partial<BatchLimits>
}

/** Throws `HASHIRA_OPTION_INVALID` and `HASHIRA_OPTION_UNKNOWN` for what code gives. */
export function datadogSettings(options: DatadogOptions | undefined, env: Environment): DatadogSettings {
  const { values } = resolveOptions('datadog()', optionTable, options, env)
  const identity = identityOptions(values)
  return {
    agent: agentAddress(values),
    dogstatsd: dogstatsdAddress(values),
    version: values.protocolVersion === 'auto' ? undefined : values.protocolVersion,
    identity,
    sampler: { ...identity, sampleRate: values.sampleRate, rateLimit: values.rateLimit },
    values,
    limits: batchLimitsOf(values),
  }
}

const SAMPLER_ARGUMENT = 'OTEL_TRACES_SAMPLER_ARG'

/** @param argument of `OTEL_TRACES_SAMPLER_ARG`, which wins over Datadog's variable; a bad one is one warning */
export function samplerSettings(argument: string | undefined): DatadogSamplerSettings {
  const sampleRate = numberOption([SAMPLER_ARGUMENT, 'DD_TRACE_SAMPLE_RATE'], undefined, 0, 1)
  const table = { ...identityTable, ...samplingTable, sampleRate }
  const env = { ...process.env, [SAMPLER_ARGUMENT]: argument }
  const { values } = resolveOptions('datadogSampler()', table, undefined, env)
  return { ...identityOptions(values), sampleRate: values.sampleRate, rateLimit: values.rateLimit }
}

function identityOptions(values: OptionValues<typeof identityTable>): IdentityOptions {
  const { service, env, version, tags } = values
  return { service, env, version, tags: Object.entries(tags) }
}
