import type { AttributeList, AttributeValue } from '@hashira/core'
import { cut } from './limits'

/**
 * A span's attributes, handed out once: what a block of the document takes is not repeated in the metadata, which gets the
 * rest.
 */
export class AttributeReader {
  readonly #values = new Map<string, AttributeValue>()
  readonly #taken = new Set<string>()

  constructor(attributes: AttributeList) {
    const { flat } = attributes
    for (let i = 0; i < flat.length; i += 2)
      this.#values.set(flat[i] as string, flat[i + 1] as AttributeValue)
  }

  /** Looks and leaves it to the others. */
  peek(key: string): AttributeValue | undefined {
    return this.#values.get(key)
  }

  peekText(...keys: readonly string[]): string | undefined {
    for (const key of keys) {
      const value = this.#values.get(key)
      if (typeof value === 'string' && value !== '') return value
    }
    return undefined
  }

  /**
   * The first of `keys` that has a text; a number or boolean counts as one. What is longer than `max` is cut, and stays whole
   * for the metadata.
   */
  text(...keys: readonly string[]): string | undefined {
    return this.textUpTo(undefined, ...keys)
  }

  textUpTo(max: number | undefined, ...keys: readonly string[]): string | undefined {
    for (const key of keys) {
      const value = this.#values.get(key)
      if (value === undefined || value === '' || typeof value === 'object') continue
      const whole = String(value)
      const text = cut(whole, max)
      if (text === whole) this.#taken.add(key)
      return text
    }
    return undefined
  }

  /** The first of `keys` that has a finite number; digits in a text, alone or in a list as headers have them, count as one. */
  number(...keys: readonly string[]): number | undefined {
    for (const key of keys) {
      const value = this.#values.get(key)
      const single = Array.isArray(value) && value.length === 1 ? value[0] : value
      const number = typeof single === 'string' && /^\d{1,15}$/.test(single) ? Number(single) : single
      if (typeof number !== 'number' || !Number.isFinite(number)) continue
      this.#taken.add(key)
      return number
    }
    return undefined
  }

  /** A list of texts, or a text as a list of one. */
  texts(key: string): readonly string[] {
    const value = this.#values.get(key)
    const list = typeof value === 'string' ? [value] : Array.isArray(value) ? value : undefined
    if (list === undefined) return []
    this.#taken.add(key)
    return list.filter((item): item is string => typeof item === 'string' && item !== '')
  }

  take(key: string): AttributeValue | undefined {
    const value = this.#values.get(key)
    if (value !== undefined) this.#taken.add(key)
    return value
  }

  forEach(see: (key: string, value: AttributeValue, isTaken: boolean) => void): void {
    for (const [key, value] of this.#values) see(key, value, this.#taken.has(key))
  }
}
