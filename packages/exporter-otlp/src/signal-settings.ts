import { type BatchLimits, type Environment, type ResolvedOptions, resolveOptions } from '@hashira/core'
import { type OtlpOptions, type OtlpSignal, otlpOptionTable } from './otlp-options'
import type { OtlpProtocol } from './protocol-option'
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
}

export type OtlpOptionTable = ReturnType<typeof otlpOptionTable>
type Resolved = ResolvedOptions<OtlpOptionTable>
/** What the settings of any signal are made of. */
export type CommonOptionTable = Omit<
  OtlpOptionTable,
  'metricsEndpoint' | 'metricIntervalMs' | 'temporality' | 'histogramAggregation'
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
  }
}

function signalUrl(signal: OtlpSignal, { values, origins }: Resolved): string {
  const name = signal === 'traces' ? 'tracesEndpoint' : 'metricsEndpoint'
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
  const { exportTimeoutMs, timeoutMs } = values
  return {
    url,
    protocol: values.protocol,
    headers: values.headers,
    compression: values.compression,
    timeoutMs: Math.min(timeoutMs, exportTimeoutMs ?? timeoutMs),
    ...usableTls(signal, values, origins),
    limits: given({
      maxBatchItems: values.maxBatchItems,
      intervalMs: values.intervalMs,
      maxQueueItems: values.maxQueueItems,
      maxQueueBytes: values.maxQueueBytes,
    }),
  }
}

/** `base` with `path` behind it and exactly one slash between (OTLP exporter specification). */
export function appendPath(base: string, path: string): string {
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path}`
  return url.href
}

function given(limits: { [K in keyof BatchLimits]?: number | undefined }): Partial<BatchLimits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
}
