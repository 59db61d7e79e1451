import {
  type BatchLimitOptions,
  batchLimitOptions,
  choiceOption,
  headersOption,
  integerOption,
  urlOption,
} from '@hashira/core'
import { pemOption } from './pem-option'
import { type OtlpProtocol, protocolOption } from './protocol-option'

/** Code first, then the environment variable of the signal, then the one for all signals, then the default. */
export interface OtlpOptions extends BatchLimitOptions {
  /** Base URL; `v1/traces`, `v1/metrics` and `v1/logs` are appended. Default `http://localhost:4318`. `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  endpoint?: string | undefined
  /** The URL for traces, used as it is. `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`. */
  tracesEndpoint?: string | undefined
  /** The URL for metrics, used as it is. `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT`. */
  metricsEndpoint?: string | undefined
  /** The URL for logs, used as it is. `OTEL_EXPORTER_OTLP_LOGS_ENDPOINT`. */
  logsEndpoint?: string | undefined
  /** Default `http/protobuf`. `OTEL_EXPORTER_OTLP_PROTOCOL`. */
  protocol?: OtlpProtocol | undefined
  /** Sent with every request, e.g. an API key. `OTEL_EXPORTER_OTLP_HEADERS` (`k=v,k2=v2`, percent-encoded). */
  headers?: Readonly<Record<string, string>> | undefined
  /** Default `none`. `OTEL_EXPORTER_OTLP_COMPRESSION`. */
  compression?: 'none' | 'gzip' | undefined
  /** Of one request; 0 is no limit. Default 10,000. `OTEL_EXPORTER_OTLP_TIMEOUT`. */
  timeoutMs?: number | undefined
  /** Who signed the server's certificate: PEM text or a file. `OTEL_EXPORTER_OTLP_CERTIFICATE`. */
  ca?: string | undefined
  /** The client's certificate: PEM text or a file. `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`. */
  cert?: string | undefined
  /** The client's private key: PEM text or a file. `OTEL_EXPORTER_OTLP_CLIENT_KEY`. */
  key?: string | undefined
  /** How often metrics are sent. Default 60,000. `OTEL_METRIC_EXPORT_INTERVAL`. */
  metricIntervalMs?: number | undefined
  /** Default `cumulative`; `lowmemory` is `delta` here. `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`. */
  temporality?: 'cumulative' | 'delta' | 'lowmemory' | undefined
  /** Histograms keep the buckets that they were recorded with. `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION`. */
  histogramAggregation?: 'explicit_bucket_histogram' | undefined
}

export type OtlpSignal = 'traces' | 'metrics' | 'logs'

/** The same options for every signal, each with the environment variables of that signal. */
export function otlpOptionTable(signal: OtlpSignal) {
  const upper = signal.toUpperCase()
  const env = (name: string) => [`OTEL_EXPORTER_OTLP_${upper}_${name}`, `OTEL_EXPORTER_OTLP_${name}`]
  const only = (which: OtlpSignal, variable: string) => (which === signal ? variable : '')
  return {
    endpoint: urlOption('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://localhost:4318'),
    tracesEndpoint: urlOption(only('traces', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'), undefined),
    metricsEndpoint: urlOption(only('metrics', 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'), undefined),
    logsEndpoint: urlOption(only('logs', 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT'), undefined),
    protocol: protocolOption(env('PROTOCOL')),
    headers: headersOption(env('HEADERS')),
    compression: choiceOption(env('COMPRESSION'), 'none', ['none', 'gzip']),
    timeoutMs: integerOption(env('TIMEOUT'), 10_000, 0),
    ca: pemOption('ca', env('CERTIFICATE')),
    cert: pemOption('cert', env('CLIENT_CERTIFICATE')),
    key: pemOption('key', env('CLIENT_KEY')),
    ...batchLimitOptions(signal),
    metricIntervalMs: integerOption(only('metrics', 'OTEL_METRIC_EXPORT_INTERVAL'), undefined, 1),
    temporality: choiceOption(
      only('metrics', 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE'),
      'cumulative',
      ['cumulative', 'delta', 'lowmemory'],
    ),
    histogramAggregation: choiceOption(
      only('metrics', 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION'),
      'explicit_bucket_histogram',
      ['explicit_bucket_histogram'],
    ),
  }
}
