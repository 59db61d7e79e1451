import type { Batch, Resource, SpanEncoder, SpanRecord } from '@hashira/core'
import { attributeText, wellFormed } from './attribute-text'
import { type Origin, type ZipkinSpan, zipkinSpan } from './zipkin-span'

/** One of Zipkin's formats. */
export interface SpanFormat {
  readonly contentType: string
  /** The bytes of one span, which belong to the caller. */
  encode(span: ZipkinSpan): Uint8Array
  /** A list of spans as the body of a request. */
  join(spans: readonly Uint8Array[]): Uint8Array
}

/** A span becomes bytes when it ends, so nothing waits as an object. */
export class ZipkinSpanEncoder implements SpanEncoder {
  readonly #format: SpanFormat
  readonly #origin: Origin
  #spans: Uint8Array[] = []
  #byteLength = 0

  constructor(format: SpanFormat, resource: Resource) {
    this.#format = format
    this.#origin = originOf(resource)
  }

  get byteLength(): number {
    return this.#byteLength
  }

  get itemCount(): number {
    return this.#spans.length
  }

  append(record: SpanRecord): void {
    const bytes = this.#format.encode(zipkinSpan(record, this.#origin))
    this.#spans.push(bytes)
    this.#byteLength += bytes.length + 1
  }

  take(): Batch {
    const spans = this.#spans
    this.#spans = []
    this.#byteLength = 0
    return { bytes: this.#format.join(spans), itemCount: spans.length }
  }
}

function originOf({ attributes }: Resource): Origin {
  const tags = new Map([...attributes].map(([key, value]) => [wellFormed(key), attributeText(value)]))
  const serviceName = tags.get('service.name') || 'unknown_service:node'
  tags.delete('service.name')
  return { localEndpoint: { serviceName }, tags }
}
