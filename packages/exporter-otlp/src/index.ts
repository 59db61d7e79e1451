export type { Temporality } from './metric-batches'
export { createOtlpExporter, encodeMetrics, type OtlpExporterSettings, otlp } from './otlp-exporter'
export { OtlpJsonLogEncoder } from './otlp-json-log-encoder'
export { OtlpJsonSpanEncoder } from './otlp-json-span-encoder'
export { OtlpLogEncoder } from './otlp-log-encoder'
export { type OtlpOptions, type OtlpSignal, otlpOptionTable } from './otlp-options'
export { OtlpSpanEncoder } from './otlp-span-encoder'
export { type PartialSuccess, readPartialSuccess } from './partial-success'
export type { OtlpProtocol } from './protocol-option'
export {
  appendPath,
  logSettings,
  type MetricSignalSettings,
  metricSettings,
  type OtlpOptionTable,
  type SignalSettings,
  signalSettings,
  traceSettings,
} from './signal-settings'
