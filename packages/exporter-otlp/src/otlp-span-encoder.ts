import {
  type Batch,
  type InstrumentationScope,
  KEEP_BYTES,
  lengthSize,
  ProtobufWriter,
  type Resource,
  type SpanEncoder,
  type SpanRecord,
} from '@hashira/core'
import { encodeResource, encodeScope } from './envelope'
import { writeSpan } from './write-span'

interface ScopeSpans {
  readonly scope: InstrumentationScope
  /** ScopeSpans without its spans: `scope` and `schemaUrl`. */
  readonly head: Uint8Array
  spans: ProtobufWriter
}

/**
 * Spans to the bytes of ExportTraceServiceRequest (opentelemetry-proto 1.11).
 *
 * A span is written as soon as it ends, behind the other spans of its scope; `take()` joins the scopes.
 */
export class OtlpSpanEncoder implements SpanEncoder {
  readonly #resource: Uint8Array
  #scopes: ScopeSpans[] = []
  #last: ScopeSpans | undefined
  #byteLength: number
  #itemCount = 0

  constructor(resource: Resource) {
    this.#resource = encodeResource(resource)
    this.#byteLength = this.#resource.length
  }

  get byteLength(): number {
    return this.#itemCount === 0 ? 0 : this.#byteLength
  }

  get itemCount(): number {
    return this.#itemCount
  }

  append(record: SpanRecord): void {
    const last = this.#last
    const { spans } = last !== undefined && last.scope === record.scope ? last : this.#scopeOf(record.scope)
    const mark = spans.position
    try {
      writeSpan(spans, record)
    } catch (error) {
      spans.rollback(mark)
      throw error
    }
    this.#byteLength += spans.position - mark
    this.#itemCount++
  }

  #scopeOf(scope: InstrumentationScope): ScopeSpans {
    this.#last = this.#find(scope) ?? this.#addScope(scope)
    return this.#last
  }

  #find(scope: InstrumentationScope): ScopeSpans | undefined {
    for (const known of this.#scopes) if (known.scope === scope) return known
    return this.#scopes.find((known) => isSameScope(known.scope, scope))
  }

  #addScope(scope: InstrumentationScope): ScopeSpans {
    const added = { scope, head: encodeScope(scope), spans: new ProtobufWriter() }
    this.#scopes.push(added)
    this.#byteLength += added.head.length
    return added
  }

  take(): Batch {
    const used = this.#scopes.filter(({ spans }) => spans.position > 0)
    const lengths = used.map(({ head, spans }) => head.length + spans.position)
    const scopesLength = lengths.reduce((sum, length) => sum + 1 + lengthSize(length) + length, 0)
    const length = this.#resource.length + scopesLength
    const whole = new ProtobufWriter(1 + lengthSize(length) + length)
    whole.byte(0x0a)
    whole.uint32(length)
    whole.bytes(this.#resource)
    used.forEach(({ head, spans }, i) => {
      whole.byte(0x12)
      whole.uint32(lengths[i] as number)
      whole.bytes(head)
      whole.bytes(spans.buffer.subarray(0, spans.position))
    })
    const batch = { bytes: whole.buffer, itemCount: this.#itemCount }
    this.#reset(used)
    return batch
  }

  // Scopes that this batch did not use are forgotten, so there are never more than one batch has.
  #reset(used: ScopeSpans[]): void {
    this.#scopes = used
    this.#last = used[0]
    this.#itemCount = 0
    this.#byteLength = this.#resource.length
    for (const entry of used) {
      this.#byteLength += entry.head.length
      if (entry.spans.buffer.length > KEEP_BYTES) entry.spans = new ProtobufWriter()
      entry.spans.position = 0
    }
  }
}

function isSameScope(a: InstrumentationScope, b: InstrumentationScope): boolean {
  return a.name === b.name && a.version === b.version && a.schemaUrl === b.schemaUrl
}
