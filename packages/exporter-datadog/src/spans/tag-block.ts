import { MsgpackWriter } from '../msgpack/msgpack-writer'
import { type AttributeKey, known } from './attribute-keys'
import { truncated, VALUE_LIMIT } from './limits'

/** Texts that many spans have in common, encoded once as pairs of a MessagePack map. */
export class TagBlock {
  readonly pairs: readonly (readonly [key: AttributeKey, value: string])[]
  readonly encoded: Uint8Array
  /** The dictionary that its texts were looked up in last, and the pairs in its indexes. */
  dictionary = 0
  indexes: Uint8Array = new Uint8Array(0)

  constructor(pairs: readonly (readonly [key: string, value: string])[]) {
    this.pairs = pairs.map(([key, value]) => [known(key), truncated(value, VALUE_LIMIT)] as const)
    const writer = new MsgpackWriter()
    for (const [key, value] of this.pairs) writer.pair(key.encoded, value)
    this.encoded = writer.written()
  }

  get count(): number {
    return this.pairs.length
  }
}
