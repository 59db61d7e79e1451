import { Buffer } from 'node:buffer'
import type { Batch, Resource, SpanEncoder, SpanRecord } from '@hashira/core'
import type { EndedSpan, TraceSpan } from './trace-span'

const KINDS: readonly NonNullable<TraceSpan['kind']>[] = [
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
]

/** Spans as one JSON {@link EndedSpan} a line: what {@link ConsoleTransport} reads. */
export class ConsoleSpanEncoder implements SpanEncoder {
  readonly #service: string | undefined
  #lines: string[] = []
  #byteLength = 0

  constructor(resource: Resource) {
    const name = resource.attributes.get('service.name')
    this.#service = name === undefined ? undefined : String(name)
  }

  get byteLength(): number {
    return this.#byteLength
  }

  get itemCount(): number {
    return this.#lines.length
  }

  append(record: SpanRecord): void {
    const line = JSON.stringify(endedSpan(record, this.#service))
    this.#lines.push(line)
    this.#byteLength += Buffer.byteLength(line) + 1
  }

  take(): Batch {
    const lines = this.#lines
    this.#lines = []
    this.#byteLength = 0
    return { bytes: Buffer.from(lines.join('\n')), itemCount: lines.length }
  }
}

/** What {@link ConsoleSpanEncoder} wrote. */
export function decodeSpans(bytes: Uint8Array): EndedSpan[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  return text.split('\n').map((line) => JSON.parse(line) as EndedSpan)
}

function endedSpan(record: SpanRecord, service: string | undefined): EndedSpan {
  const startMs = record.startSeconds * 1e3 + record.startNanos / 1e6
  const endMs = record.endSeconds * 1e3 + record.endNanos / 1e6
  return {
    traceId: record.traceId,
    spanId: record.spanId,
    parentSpanId: record.parentSpanId,
    isLocalRoot: record.isLocalRoot,
    service,
    name: String(record.name),
    kind: KINDS[record.kind],
    startMs,
    durationMs: Math.max(0, endMs - startMs),
    isError: record.statusCode === 2,
    errorMessage: errorMessage(record),
    attributes: record.attributes.toObject(),
  }
}

function errorMessage(record: SpanRecord): string | undefined {
  if (record.statusCode !== 2) return undefined
  const exception = record.events.find(({ name }) => name === 'exception')
  const message = record.statusMessage || exception?.attributes.get('exception.message')
  return message === undefined ? undefined : String(message)
}
