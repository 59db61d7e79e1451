import type { Batch, SpanEncoder, SpanRecord } from '@hashira/core'

/** Length-prefixed JSON: trivial to read back. Throws for a record whose name is `bad`. */
export class TestEncoder implements SpanEncoder {
  #parts: Buffer[] = []
  byteLength = 0

  get itemCount(): number {
    return this.#parts.length
  }

  append(record: SpanRecord): void {
    if (record.name === 'bad') throw new Error('cannot encode this')
    const body = Buffer.from(JSON.stringify({ name: record.name }))
    const part = Buffer.allocUnsafe(4 + body.length)
    part.writeUInt32BE(body.length)
    body.copy(part, 4)
    this.#parts.push(part)
    this.byteLength += part.length
  }

  take(): Batch {
    const batch = { bytes: Buffer.concat(this.#parts), itemCount: this.#parts.length }
    this.#parts = []
    this.byteLength = 0
    return batch
  }
}

/** The names in a body that {@link TestEncoder} wrote. */
export function decode(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes)
  const names: string[] = []
  for (let at = 0; at < buffer.length; ) {
    const length = buffer.readUInt32BE(at)
    names.push(JSON.parse(buffer.toString('utf8', at + 4, at + 4 + length)).name)
    at += 4 + length
  }
  return names
}

/** The encoder above reads nothing but the name. */
export function record(name: string): SpanRecord {
  return { name } as SpanRecord
}
