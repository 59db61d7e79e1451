import type { Batch, Exporter, MetricSnapshot, PushMetrics, PushTraces, Resource } from '@hashira/core'
import { HttpTransport } from '@hashira/delivery'
import { JsonMetricRequest } from './json-metric-request'
import { encodeSnapshot, type Temporality } from './metric-batches'
import { OtlpJsonSpanEncoder } from './otlp-json-span-encoder'
import type { OtlpOptions } from './otlp-options'
import { OtlpSpanEncoder } from './otlp-span-encoder'
import { readPartialSuccess } from './partial-success'
import { ProtobufMetricRequest } from './protobuf-metric-request'
import type { OtlpProtocol } from './protocol-option'
import {
  type MetricSignalSettings,
  metricSettings,
  type SignalSettings,
  traceSettings,
} from './signal-settings'
import { VERSION } from './version'

/** A distribution's name goes in front of the exporter's (OTLP exporter specification). */
const USER_AGENT = `hashira/${VERSION} OTel-OTLP-Exporter-JavaScript/${VERSION}`

/**
 * OTLP over HTTP, traces and metrics: to an OpenTelemetry collector or any backend that takes OTLP.
 *
 * Reads the `OTEL_EXPORTER_OTLP_*`, `OTEL_BSP_*` and `OTEL_METRIC_EXPORT_*` variables; options in code win.
 * Throws `HASHIRA_OPTION_INVALID` and `HASHIRA_OPTION_UNKNOWN`; opens nothing before Hashira starts.
 */
export function otlp(options?: OtlpOptions): Exporter {
  return createOtlpExporter('otlp', {
    traces: traceSettings('otlp()', options, process.env),
    metrics: metricSettings('otlp()', options, process.env),
  })
}

export interface OtlpExporterSettings {
  readonly traces?: SignalSettings | undefined
  readonly metrics?: MetricSignalSettings | undefined
}

/** An exporter for a backend that speaks OTLP, under the backend's own `name` and with settings already resolved. */
export function createOtlpExporter(name: string, { traces, metrics }: OtlpExporterSettings): Exporter {
  return {
    name,
    traces: traces && pushTraces(traces),
    metrics: metrics && pushMetrics(metrics),
  }
}

function pushTraces(settings: SignalSettings): PushTraces {
  const Encoder = settings.protocol === 'http/json' ? OtlpJsonSpanEncoder : OtlpSpanEncoder
  return {
    transport: createTransport(settings),
    limits: settings.limits,
    createEncoder: (resource) => new Encoder(resource),
  }
}

function pushMetrics(settings: MetricSignalSettings): PushMetrics {
  const { protocol, temporality } = settings
  return {
    kind: 'push',
    transport: createTransport(settings),
    temporality,
    intervalMs: settings.intervalMs,
    limits: settings.limits,
    encode: (snapshot, resource) => encodeMetrics(snapshot, resource, temporality, protocol),
  }
}

/** A snapshot as the bytes of one or more ExportMetricsServiceRequest; `itemCount` counts data points. Never throws. */
export function encodeMetrics(
  snapshot: MetricSnapshot,
  resource: Resource,
  temporality: Temporality = 'cumulative',
  protocol: OtlpProtocol = 'http/protobuf',
): Batch[] {
  const Request = protocol === 'http/json' ? JsonMetricRequest : ProtobufMetricRequest
  return encodeSnapshot((...args) => new Request(...args), snapshot, resource, temporality)
}

function createTransport(settings: SignalSettings): HttpTransport {
  return new HttpTransport({
    url: settings.url,
    headers: settings.headers,
    userAgent: USER_AGENT,
    contentType: settings.protocol === 'http/json' ? 'application/json' : 'application/x-protobuf',
    compression: settings.compression,
    timeoutMs: settings.timeoutMs,
    ca: settings.ca,
    cert: settings.cert,
    key: settings.key,
    interpretResponse: (_status, body) => readPartialSuccess(body),
  })
}
