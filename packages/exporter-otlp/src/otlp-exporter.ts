import type {
  Batch,
  Exporter,
  MetricSnapshot,
  PushLogs,
  PushMetrics,
  PushTraces,
  Resource,
} from '@hashira/core'
import { JsonMetricRequest } from './json-metric-request'
import { type CreateMetricRequest, encodeSnapshot, type Temporality } from './metric-batches'
import { OtlpJsonLogEncoder } from './otlp-json-log-encoder'
import { OtlpJsonSpanEncoder } from './otlp-json-span-encoder'
import { OtlpLogEncoder } from './otlp-log-encoder'
import type { OtlpOptions } from './otlp-options'
import { OtlpSpanEncoder } from './otlp-span-encoder'
import { OtlpTransport } from './otlp-transport'
import { ProtobufMetricRequest } from './protobuf-metric-request'
import type { OtlpProtocol } from './protocol-option'
import {
  logSettings,
  type MetricSignalSettings,
  metricSettings,
  type SignalSettings,
  traceSettings,
} from './signal-settings'

/**
 * OTLP over HTTP, traces, metrics and logs: to an OpenTelemetry collector or any backend that takes OTLP.
 *
 * Reads the `OTEL_EXPORTER_OTLP_*`, `OTEL_BSP_*`, `OTEL_BLRP_*` and `OTEL_METRIC_EXPORT_*` variables; options in code win.
 * Throws `HASHIRA_OPTION_INVALID` and `HASHIRA_OPTION_UNKNOWN`; opens nothing before Hashira starts.
 */
export function otlp(options?: OtlpOptions): Exporter {
  return createOtlpExporter('otlp', {
    traces: traceSettings('otlp()', options, process.env),
    metrics: metricSettings('otlp()', options, process.env),
    logs: logSettings('otlp()', options, process.env),
  })
}

export interface OtlpExporterSettings {
  readonly traces?: SignalSettings | undefined
  readonly metrics?: MetricSignalSettings | undefined
  readonly logs?: SignalSettings | undefined
}

/** An exporter for a backend that speaks OTLP, under the backend's own `name` and with settings already resolved. */
export function createOtlpExporter(name: string, { traces, metrics, logs }: OtlpExporterSettings): Exporter {
  return {
    name,
    traces: traces && pushTraces(traces),
    metrics: metrics && pushMetrics(metrics),
    logs: logs && pushLogs(logs),
  }
}

function pushTraces(settings: SignalSettings): PushTraces {
  const Encoder = settings.protocol === 'http/json' ? OtlpJsonSpanEncoder : OtlpSpanEncoder
  return {
    transport: new OtlpTransport(settings),
    limits: settings.limits,
    createEncoder: (resource) => new Encoder(resource),
  }
}

function pushLogs(settings: SignalSettings): PushLogs {
  const Encoder = settings.protocol === 'http/json' ? OtlpJsonLogEncoder : OtlpLogEncoder
  return {
    transport: new OtlpTransport(settings),
    limits: settings.limits,
    createEncoder: (resource) => new Encoder(resource),
  }
}

function pushMetrics(settings: MetricSignalSettings): PushMetrics {
  const { protocol, temporality, histogramAggregation } = settings
  return {
    kind: 'push',
    transport: new OtlpTransport(settings),
    temporality,
    intervalMs: settings.intervalMs,
    limits: settings.limits,
    histogramAggregation:
      histogramAggregation === 'explicit_bucket_histogram' ? undefined : histogramAggregation,
    encode: (snapshot, resource) =>
      encodeSnapshot(requestOf(protocol), snapshot, resource, temporality, maxBytesOf(protocol)),
  }
}

/** A snapshot as the bytes of one or more ExportMetricsServiceRequest; `itemCount` counts data points. Never throws. */
export function encodeMetrics(
  snapshot: MetricSnapshot,
  resource: Resource,
  temporality: Temporality = 'cumulative',
  protocol: OtlpProtocol = 'http/protobuf',
): Batch[] {
  const batches = encodeSnapshot(requestOf(protocol), snapshot, resource, temporality)
  return [...batches].filter((batch) => batch !== undefined)
}

/** 2,000 histograms of one family are 0.9 MB of JSON, and take 11 ms to write (Node 24); a quarter of it takes 3. */
function maxBytesOf(protocol: OtlpProtocol): number | undefined {
  return protocol === 'http/json' ? 256 * 1024 : undefined
}

function requestOf(protocol: OtlpProtocol): CreateMetricRequest {
  const Request = protocol === 'http/json' ? JsonMetricRequest : ProtobufMetricRequest
  return (resource, settings) => new Request(resource, settings)
}
