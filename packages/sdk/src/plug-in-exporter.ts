import type { Batch, Encoder, Exporter, SendResult, SpanRecord, Transport } from '@hashira/core'
import { type ProcessedSpan, readableSpan, spanBytes } from '@hashira/tracing'

/** OpenTelemetry's SpanExporter, of its SDK 1.x or 2.x (trace SDK, "Span exporter"). It gets `ProcessedSpan`s: see `SpanProcessor`. */
export interface SpanExporter {
  export(spans: never, resultCallback: (result: { code: number; error?: Error }) => void): void
  shutdown(): Promise<void>
  forceFlush?(): Promise<void>
}

const SUCCESS = 0
const FAILED = 1

/** A batch that never leaves the process as bytes: it has a size, and the spans themselves. */
class SpanBatch implements Batch {
  readonly bytes: Uint8Array
  readonly spans: ProcessedSpan[]

  constructor(spans: ProcessedSpan[], byteLength: number) {
    this.spans = spans
    // Its pages are never touched, so they take no memory; what counts in the queue's bound is its length.
    this.bytes = new Uint8Array(byteLength)
  }

  get itemCount(): number {
    return this.spans.length
  }
}

class SpanKeeper implements Encoder<SpanRecord> {
  #spans: ProcessedSpan[] = []
  byteLength = 0

  get itemCount(): number {
    return this.#spans.length
  }

  append(record: SpanRecord): void {
    this.#spans.push(readableSpan(record))
    this.byteLength += spanBytes(record)
  }

  take(): Batch {
    const batch = new SpanBatch(this.#spans, this.byteLength)
    this.#spans = []
    this.byteLength = 0
    return batch
  }
}

/**
 * An OpenTelemetry exporter as one of ours: its spans wait in the same bounded queue and have the same account. Its own
 * encoder needs the spans, so they are kept as objects until it has answered; it is asked once, as it tries again by itself.
 */
export function plugInExporter(exporter: SpanExporter): Exporter {
  const name = exporter.constructor?.name || 'span_exporter'
  const transport: Transport = {
    destination: name,
    spoolable: false,
    send: (batch) => exported(exporter, (batch as SpanBatch).spans),
    close: () => exporter.shutdown(),
  }
  return { name, traces: { transport, createEncoder: () => new SpanKeeper() } }
}

function exported(exporter: SpanExporter, spans: ProcessedSpan[]): Promise<SendResult> {
  return new Promise((resolve) => {
    try {
      exporter.export(spans as never, (result) => resolve(resultOf(result)))
    } catch (error) {
      // Thrown is answered: whether it sent them before it threw, nobody knows.
      resolve(resultOf({ code: FAILED, error: error as Error }))
    }
  })
}

function resultOf(result: { code: number; error?: Error } | undefined): SendResult {
  if (result?.code === SUCCESS) return { outcome: 'delivered' }
  return { outcome: 'drop', reason: 'export_failed', message: messageOf(result?.error) }
}

function messageOf(error: unknown): string | undefined {
  if (error instanceof Error) return error.message
  return typeof error === 'string' ? error : undefined
}
