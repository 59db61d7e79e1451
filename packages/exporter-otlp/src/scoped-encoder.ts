import {
  type Batch,
  type Encoder,
  type InstrumentationScope,
  KEEP_BYTES,
  lengthSize,
  ProtobufWriter,
  type Resource,
} from '@hashira/core'
import { encodeResource, encodeScope } from './envelope'

interface OpenScope {
  readonly scope: InstrumentationScope
  /** ScopeSpans or ScopeLogs without its items: `scope` and `schemaUrl`. */
  readonly head: Uint8Array
  items: ProtobufWriter
}

/**
 * Records to the bytes of ExportTraceServiceRequest or ExportLogsServiceRequest, which differ only in what `write` writes: one
 * `spans` or `logRecords` field (opentelemetry-proto 1.11).
 *
 * A record is written when it is appended, behind the others of its scope; `take()` joins the scopes.
 */
export class ScopedEncoder<Record extends { readonly scope: InstrumentationScope }>
  implements Encoder<Record>
{
  /**
   * An encoder that runs for each request competes with the app's own code for the processor's caches: an Express request takes 54.2
   * instead of 56.4 µs with groups of 16 (Node 24), and 54.4 with 48.
   */
  readonly groupSize = 16
  readonly #write: (writer: ProtobufWriter, record: Record) => void
  readonly #resource: Resource
  readonly #resourceLength: number
  #scopes: OpenScope[] = []
  #last: OpenScope | undefined
  #byteLength: number
  #itemCount = 0

  constructor(resource: Resource, write: (writer: ProtobufWriter, record: Record) => void) {
    this.#write = write
    this.#resource = resource
    this.#resourceLength = encodeResource(resource).length
    this.#byteLength = this.#resourceLength
  }

  get byteLength(): number {
    return this.#itemCount === 0 ? 0 : this.#byteLength
  }

  get itemCount(): number {
    return this.#itemCount
  }

  append(record: Record): void {
    const last = this.#last
    const { items } = last !== undefined && last.scope === record.scope ? last : this.#scopeOf(record.scope)
    const mark = items.position
    try {
      this.#write(items, record)
    } catch (error) {
      items.rollback(mark)
      throw error
    }
    this.#byteLength += items.position - mark
    this.#itemCount++
  }

  #scopeOf(scope: InstrumentationScope): OpenScope {
    this.#last = this.#find(scope) ?? this.#addScope(scope)
    return this.#last
  }

  #find(scope: InstrumentationScope): OpenScope | undefined {
    for (const known of this.#scopes) if (known.scope === scope) return known
    return this.#scopes.find((known) => isSameScope(known.scope, scope))
  }

  #addScope(scope: InstrumentationScope): OpenScope {
    const added = { scope, head: encodeScope(scope), items: new ProtobufWriter() }
    this.#scopes.push(added)
    this.#byteLength += added.head.length
    return added
  }

  take(): Batch {
    const used = this.#scopes.filter(({ items }) => items.position > 0)
    const lengths = used.map(({ head, items }) => head.length + items.position)
    const scopesLength = lengths.reduce((sum, length) => sum + 1 + lengthSize(length) + length, 0)
    // Now, and not once: detectors may have added to it since the batch began.
    const resource = encodeResource(this.#resource)
    const length = resource.length + scopesLength
    const whole = new ProtobufWriter(1 + lengthSize(length) + length)
    whole.byte(0x0a)
    whole.uint32(length)
    whole.bytes(resource)
    used.forEach(({ head, items }, i) => {
      whole.byte(0x12)
      whole.uint32(lengths[i] as number)
      whole.bytes(head)
      whole.bytes(items.buffer.subarray(0, items.position))
    })
    const batch = { bytes: whole.buffer, itemCount: this.#itemCount }
    this.#reset(used)
    return batch
  }

  // Scopes that this batch did not use are forgotten, so there are never more than one batch has.
  #reset(used: OpenScope[]): void {
    this.#scopes = used
    this.#last = used[0]
    this.#itemCount = 0
    this.#byteLength = this.#resourceLength
    for (const entry of used) {
      this.#byteLength += entry.head.length
      if (entry.items.buffer.length > KEEP_BYTES) entry.items = new ProtobufWriter()
      entry.items.position = 0
    }
  }
}

function isSameScope(a: InstrumentationScope, b: InstrumentationScope): boolean {
  return a.name === b.name && a.version === b.version && a.schemaUrl === b.schemaUrl
}
