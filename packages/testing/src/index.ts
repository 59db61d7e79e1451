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
