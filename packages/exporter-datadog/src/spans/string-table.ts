import { MsgpackWriter } from '../msgpack/msgpack-writer'
import type { AttributeKey } from './attribute-keys'
import type { TagBlock } from './tag-block'

let lastDictionary = 0

/** The dictionary of a `/v0.5` batch: each text once, the empty one first. */
export class StringTable {
  readonly #texts = new MsgpackWriter()
  #indexOf = new Map<string, number>()
  /** No other one, open or closed, has it. */
  #dictionary = 0

  constructor() {
    this.#reset()
  }

  get byteLength(): number {
    return this.#texts.position
  }

  index(text: string): number {
    const known = this.#indexOf.get(text)
    if (known !== undefined) return known
    const index = this.#indexOf.size
    this.#texts.text(text)
    this.#indexOf.set(text, index)
    return index
  }

  indexOfKey(key: AttributeKey): number {
    if (key.dictionary === this.#dictionary) return key.index
    key.index = this.index(key.name)
    key.dictionary = this.#dictionary
    return key.index
  }

  /** The pairs of `block` as indexes. */
  encodedBlock(block: TagBlock): Uint8Array {
    if (block.dictionary === this.#dictionary) return block.indexes
    const writer = new MsgpackWriter(10 * block.count)
    for (const [key, value] of block.pairs) {
      writer.uint(this.indexOfKey(key))
      writer.uint(this.index(value))
    }
    block.indexes = writer.written()
    block.dictionary = this.#dictionary
    return block.indexes
  }

  /** Writes the array and begins anew. The caller has reserved room for it. */
  take(target: MsgpackWriter): void {
    target.array(this.#indexOf.size)
    target.raw(this.#texts.buffer.subarray(0, this.#texts.position))
    this.#reset()
  }

  #reset(): void {
    this.#dictionary = ++lastDictionary
    this.#indexOf = new Map()
    this.#texts.rollback(0)
    this.index('')
  }
}
