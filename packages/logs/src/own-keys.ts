import type { FieldText } from '@hashira/core'
import type { PinoInstance, PinoInternals } from './pino-internals'

/** Tells whether a line has a key already: the app's own value stays, and JSON should not have a key twice. */
export class OwnKeys {
  readonly #chindings: symbol
  readonly #nestedKey: symbol
  readonly #levelTexts: symbol
  readonly #messageKey: symbol
  #bindings = ''
  readonly #inBindings = new Map<string, boolean>()

  constructor({ chindings, nestedKey, levelTexts, messageKey }: PinoInternals) {
    this.#chindings = chindings
    this.#nestedKey = nestedKey
    this.#levelTexts = levelTexts
    this.#messageKey = messageKey
  }

  has(instance: PinoInstance, object: unknown, key: string | false): boolean {
    if (key === false) return false
    return (
      this.#hasObject(instance, object, key) || this.#hasBinding(instance[this.#chindings] as string, key)
    )
  }

  /** The same for a field that may have any name: pino's own keys (level, time, message, nested) count as well. */
  hasField(instance: PinoInstance, object: unknown, level: number, time: string, field: FieldText): boolean {
    const { key, keyText } = field
    if (key === instance[this.#messageKey] || key === instance[this.#nestedKey]) return true
    if (time.includes(keyText) || this.#hasObject(instance, object, key)) return true
    const bindings = instance[this.#chindings] as string
    // A key that JSON escapes does not stand in there as it is.
    const isPlain = keyText.length === key.length + 3
    if (isPlain ? this.#hasBinding(bindings, key) : bindings.includes(keyText)) return true
    return (
      (instance[this.#levelTexts] as Record<number, string | undefined>)[level]?.includes(keyText) === true
    )
  }

  #hasObject(instance: PinoInstance, object: unknown, key: string): boolean {
    if (typeof object !== 'object' || object === null) return false
    if ((object as Record<string, unknown>)[key] === undefined) return false
    return Object.hasOwn(object, key) && !instance[this.#nestedKey]
  }

  /**
   * The answers for the last bindings that have the text at all are kept. Others are only searched: Fastify's child per request
   * has bindings of its own.
   */
  #hasBinding(bindings: string, key: string): boolean {
    if (!bindings.includes(key)) return false
    if (bindings !== this.#bindings) {
      this.#bindings = bindings
      this.#inBindings.clear()
    }
    let found = this.#inBindings.get(key)
    if (found === undefined) {
      found = hasTopLevelKey(`{${bindings.slice(1)}}`, key)
      this.#inBindings.set(key, found)
    }
    return found
  }
}

/** The parse is for the rare text that has the key somewhere, perhaps deeper. */
export function hasTopLevelKey(json: string, key: string | false): boolean {
  if (key === false || !json.includes(`"${key}":`)) return false
  return Object.hasOwn(JSON.parse(json) as object, key)
}
