export { adapterConformance } from './conformance/adapter-conformance'
export type {
  AdapterAnswer,
  AdapterConformanceOptions,
  AdapterRoute,
} from './conformance/adapter-options'
export type {
  ConformanceAnswer,
  ConformanceOptions,
  ConformanceTarget,
  DecodedLog,
  DecodedSpan,
  ExpectedSpan,
  LogsConformance,
  MetricsConformance,
  ReceivedMessage,
  TracesConformance,
} from './conformance/conformance-options'
export { exporterConformance } from './conformance/exporter-conformance'
export { type GoldenLog, goldenLog, goldenLogs } from './conformance/golden-logs'
export { goldenMetrics } from './conformance/golden-metrics'
export { type GoldenSpan, goldenRecord, goldenSpans } from './conformance/golden-spans'
export { copyLog, type LogCopy } from './conformance/log-copy'
export { selfSignedCertificate } from './conformance/self-signed-certificate'
export {
  type Behaviour,
  FaultyBackend,
  type FaultyBackendOptions,
  faultyBackend,
} from './faulty-backend'
export { type MemoryExporter, memoryExporter } from './memory-exporter'
export { copySpan, type EventCopy, type LinkCopy, type SpanCopy } from './span-copy'
export { findSpan, outline, type SpanNode, spanTree } from './span-tree'
export { type WaitOptions, waitFor } from './wait-for'
