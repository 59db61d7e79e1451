import type { Resource, SpanEncoder, SpanRecord } from '@hashira/core'
import { ScopedEncoder } from './scoped-encoder'
import { writeSpan } from './write-span'

/** Spans to the bytes of ExportTraceServiceRequest. */
export class OtlpSpanEncoder extends ScopedEncoder<SpanRecord> implements SpanEncoder {
  constructor(resource: Resource) {
    super(resource, writeSpan)
  }
}
