import {
  type Batch,
  collectMetrics,
  type Exporter,
  type MetricSnapshot,
  type PullMetrics,
  type PushTraces,
  type SpanEncoder,
  type SpanRecord,
  type Transport,
} from '@hashira/core'
import { copySpan, type SpanCopy } from './span-copy'

/** Keeps what was recorded in memory, for tests. */
export interface MemoryExporter extends Exporter {
  readonly traces: PushTraces
  readonly metrics: PullMetrics
  /** Every span that has ended since the start or the last {@link reset}, in the order of their ends. */
  readonly spans: readonly SpanCopy[]
  /** The metrics as any exporter would read them now. */
  snapshot(): Promise<MetricSnapshot>
  /** Forgets the spans. Metrics are cumulative and stay. */
  reset(): void
}

/** `start({ exporters: [memoryExporter()] })`: spans can be read as soon as they have ended. */
export function memoryExporter(): MemoryExporter {
  const spans: SpanCopy[] = []
  return {
    name: 'memory',
    traces: { transport: acceptAll, createEncoder: () => new CopyingEncoder(spans) },
    metrics: { kind: 'pull', open: async () => undefined, close: async () => undefined },
    spans,
    snapshot: collectMetrics,
    reset() {
      spans.length = 0
    },
  }
}

const acceptAll: Transport = {
  destination: 'memory',
  send: async () => ({ outcome: 'delivered' }),
}

class CopyingEncoder implements SpanEncoder {
  readonly #spans: SpanCopy[]
  #itemCount = 0

  constructor(spans: SpanCopy[]) {
    this.#spans = spans
  }

  get itemCount(): number {
    return this.#itemCount
  }

  get byteLength(): number {
    return this.#itemCount
  }

  append(record: SpanRecord): void {
    this.#spans.push(copySpan(record))
    this.#itemCount++
  }

  take(): Batch {
    const itemCount = this.#itemCount
    this.#itemCount = 0
    return { bytes: new Uint8Array(itemCount), itemCount }
  }
}
