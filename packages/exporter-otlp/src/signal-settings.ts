import {
  type BatchLimits,
  batchLimitsOf,
  type Environment,
  type ResolvedOptions,
  resolveOptions,
  warnOnce,
} from '@hashira/core'
import { type OtlpOptions, type OtlpSignal, otlpOptionTable } from './otlp-options'
import { GRPC_WARNING, type OtlpProtocol } from './protocol-option'
import { usableTls } from './usable-tls'

/** What one signal is sent with, resolved from options and environment. */
export interface SignalSettings {
  readonly url: string
  readonly protocol: OtlpProtocol
  readonly headers: Readonly<Record<string, string>>
  readonly compression: 'none' | 'gzip'
  readonly timeoutMs: number
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly limits: Partial<BatchLimits>
}

export interface MetricSignalSettings extends SignalSettings {
  readonly temporality: 'cumulative' | 'delta'
  readonly intervalMs: number | undefined
  /** Default `explicit_bucket_histogram`. */
  readonly histogramAggregation?:
    | 'explicit_bucket_histogram'
    | 'base2_exponential_bucket_histogram'
    | undefined
}

export type OtlpOptionTable = ReturnType<typeof otlpOptionTable>
type Resolved = ResolvedOptions<OtlpOptionTable>
/** What the settings of any signal are made of. */
export type CommonOptionTable = Omit<
  OtlpOptionTable,
  'metricsEndpoint' | 'logsEndpoint' | 'metricIntervalMs' | 'temporality' | 'histogramAggregation'
>

/** @param owner for messages: `otlp()` */
export function traceSettings(
  owner: string,
  options: OtlpOptions | undefined,
  env: Environment,
): SignalSettings {
  const resolved = resolveOptions(owner, otlpOptionTable('traces'), options, env)
  return signalSettings('traces', signalUrl('traces', resolved), resolved)
}

/** @param owner for messages: `otlp()` */
export function metricSettings(
  owner: string,
  options: OtlpOptions | undefined,
  env: Environment,
): MetricSignalSettings {
  const resolved = resolveOptions(owner, otlpOptionTable('metrics'), options, env)
  return {
    ...signalSettings('metrics', signalUrl('metrics', resolved), resolved),
    temporality: resolved.values.temporality === 'cumulative' ? 'cumulative' : 'delta',
    intervalMs: resolved.values.metricIntervalMs,
    histogramAggregation: resolved.values.histogramAggregation,
  }
}

/** @param owner for messages: `otlp()` */
export function logSettings(
  owner: string,
  options: OtlpOptions | undefined,
  env: Environment,
): SignalSettings {
  const resolved = resolveOptions(owner, otlpOptionTable('logs'), options, env)
  return signalSettings('logs', signalUrl('logs', resolved), resolved)
}

function signalUrl(signal: OtlpSignal, { values, origins }: Resolved): string {
  const name = `${signal}Endpoint` as const
  const own = values[name]
  // A base URL from code says more than a variable of the environment, even one for this signal alone.
  const ownWins = own !== undefined && (origins[name].from === 'code' || origins.endpoint.from !== 'code')
  return ownWins ? new URL(own).href : appendPath(values.endpoint, `v1/${signal}`)
}

/** The settings of one signal: everything but where to, which an exporter with variables of its own decides itself. */
export function signalSettings(
  signal: OtlpSignal,
  url: string,
  { values, origins }: ResolvedOptions<CommonOptionTable>,
): SignalSettings {
  warnOfGrpcPort(url)
  return {
    url,
    protocol: values.protocol,
    headers: values.headers,
    compression: values.compression,
    timeoutMs: orNoLimit(values.timeoutMs),
    ...usableTls(signal, values, origins),
    limits: batchLimitsOf(values),
  }
}

/** Other SDKs send gRPC to 4317 by default, so that is what many environments name. */
function warnOfGrpcPort(url: string): void {
  const { port, host } = new URL(url)
  if (port !== '4317') return
  const text = `OTLP endpoint ${host}: port 4317 is usually gRPC, which Hashira does not speak; the collector's HTTP port is usually 4318`
  warnOnce('HASHIRA_OPTION_INVALID', text, GRPC_WARNING)
}

/** Nearly 25 days, what a timer of Node takes, less the second after which delivery gives up. */
const NO_LIMIT_MS = 2_147_483_647 - 1_000

/** A timeout of 0 is none (OpenTelemetry specification, "Timeout"). */
function orNoLimit(timeoutMs: number): number {
  return timeoutMs === 0 ? NO_LIMIT_MS : timeoutMs
}

/** `base` with `path` behind it and exactly one slash between (OTLP exporter specification). */
export function appendPath(base: string, path: string): string {
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path}`
  return url.href
}
