import type { AttributeValue } from '@opentelemetry/api'

export type { AttributeValue }

/** Alternating keys and values: `[key, value, key, value, …]`. Encoders read it as it is. */
export type FlatAttributes = readonly (string | AttributeValue)[]

/**
 * Attributes in insertion order with unique keys.
 *
 * A flat array, not an object or a Map: spans have few attributes, and for 12 of them filling and reading the array is
 * several times cheaper than either; and no key is special (`__proto__`).
 */
export class AttributeList {
  readonly #flat: (string | AttributeValue)[]
  /** How many attributes were refused by a limit. */
  droppedCount = 0

  /** Takes over `flat`, whose keys must be unique and whose values must be valid. */
  constructor(flat: (string | AttributeValue)[] = []) {
    this.#flat = flat
  }

  get flat(): FlatAttributes {
    return this.#flat
  }

  get size(): number {
    return this.#flat.length >> 1
  }

  get(key: string): AttributeValue | undefined {
    const index = this.#indexOf(key)
    return index < 0 ? undefined : (this.#flat[index + 1] as AttributeValue)
  }

  set(key: string, value: AttributeValue): this {
    const index = this.#indexOf(key)
    if (index < 0) this.#flat.push(key, value)
    else this.#flat[index + 1] = value
    return this
  }

  /** Like {@link set} for a key that is certainly new. */
  push(key: string, value: AttributeValue): void {
    this.#flat.push(key, value)
  }

  has(key: string): boolean {
    return this.#indexOf(key) >= 0
  }

  delete(key: string): boolean {
    const index = this.#indexOf(key)
    if (index >= 0) this.#flat.splice(index, 2)
    return index >= 0
  }

  *[Symbol.iterator](): IterableIterator<[key: string, value: AttributeValue]> {
    for (let i = 0; i < this.#flat.length; i += 2)
      yield [this.#flat[i] as string, this.#flat[i + 1] as AttributeValue]
  }

  /** A plain object without a prototype. */
  toObject(): Record<string, AttributeValue> {
    const object = Object.create(null) as Record<string, AttributeValue>
    for (const [key, value] of this) object[key] = value
    return object
  }

  #indexOf(key: string): number {
    const flat = this.#flat
    for (let i = 0; i < flat.length; i += 2) if (flat[i] === key) return i
    return -1
  }
}
