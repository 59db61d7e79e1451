import { type BatchLimits, type Environment, resolveOptions } from '@hashira/core'
import { type OtlpOptions, type OtlpSignal, otlpOptionTable } from './otlp-options'
import type { OtlpProtocol } from './protocol-option'

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

/** @param owner for messages: `otlp()` */
export function traceSettings(
  owner: string,
  options: OtlpOptions | undefined,
  env: Environment,
): SignalSettings {
  return resolveSignal(owner, 'traces', options, env)
}

/** @param owner for messages: `otlp()` */
export function metricSettings(
  owner: string,
  options: OtlpOptions | undefined,
  env: Environment,
): MetricSignalSettings {
  const { values } = resolveOptions(owner, otlpOptionTable('metrics'), options, env)
  return {
    ...resolveSignal(owner, 'metrics', options, env),
    temporality: values.temporality === 'cumulative' ? 'cumulative' : 'delta',
    intervalMs: values.metricIntervalMs,
  }
}

function resolveSignal(
  owner: string,
  signal: OtlpSignal,
  options: OtlpOptions | undefined,
  env: Environment,
): SignalSettings {
  const { values, origins } = resolveOptions(owner, otlpOptionTable(signal), options, env)
  const name = signal === 'traces' ? 'tracesEndpoint' : 'metricsEndpoint'
  const own = values[name]
  // A base URL from code says more than a variable of the environment, even one for this signal alone.
  const ownWins = own !== undefined && (origins[name].from === 'code' || origins.endpoint.from !== 'code')
  const { exportTimeoutMs, timeoutMs } = values
  return {
    url: ownWins ? new URL(own).href : appendPath(values.endpoint, `v1/${signal}`),
    protocol: values.protocol,
    headers: values.headers,
    compression: values.compression,
    timeoutMs: Math.min(timeoutMs, exportTimeoutMs ?? timeoutMs),
    ca: values.ca,
    cert: values.cert,
    key: values.key,
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
