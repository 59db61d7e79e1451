import type { AttributeList, Batch, Resource, SpanEncoder, SpanRecord } from '@hashira/core'
import { OtlpSpanEncoder } from '@hashira/exporter-otlp'

/** What X-Ray's OTLP endpoint takes of a span ("OTLP endpoints", CloudWatch user guide): one that is larger would cost its whole batch. */
const MAX_SPAN_BYTES = 200_000
/** Of UTF-16 in texts; what has fewer, at 3 bytes each and with all else, is within the limit. */
const SURELY_FITS = 40_000

/** OTLP's encoder, which drops a span that X-Ray would refuse alone. */
export class XrayOtlpSpanEncoder implements SpanEncoder {
  readonly #inner: OtlpSpanEncoder
  readonly #resource: Resource

  constructor(resource: Resource) {
    this.#resource = resource
    this.#inner = new OtlpSpanEncoder(resource)
  }

  get byteLength(): number {
    return this.#inner.byteLength
  }

  get itemCount(): number {
    return this.#inner.itemCount
  }

  /** @throws RangeError for a span of more than 200,000 bytes */
  append(record: SpanRecord): void {
    if (textLength(record) > SURELY_FITS) {
      const bytes = this.#bytesOf(record)
      if (bytes > MAX_SPAN_BYTES)
        throw new RangeError(`the span has ${bytes} bytes, X-Ray takes ${MAX_SPAN_BYTES}`)
    }
    this.#inner.append(record)
  }

  take(): Batch {
    return this.#inner.take()
  }

  #bytesOf(record: SpanRecord): number {
    const alone = new OtlpSpanEncoder(this.#resource)
    alone.append(record)
    return alone.byteLength
  }
}

function textLength({ name, attributes, events, links, statusMessage = '' }: SpanRecord): number {
  let length = name.length + statusMessage.length + lengthOf(attributes)
  for (const event of events) length += event.name.length + lengthOf(event.attributes)
  for (const link of links) length += lengthOf(link.attributes)
  return length
}

/** Keys and values; of a list also what it takes for numbers. */
function lengthOf({ flat }: AttributeList): number {
  let length = 0
  for (const part of flat) {
    if (typeof part === 'string') length += part.length
    else if (Array.isArray(part))
      for (const item of part) length += typeof item === 'string' ? item.length : 4
  }
  return length
}
