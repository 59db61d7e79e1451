import type { PinoInstance, PinoInternals } from './pino-internals'

/** Tells whether a line has a key at its top level already: the app's own value stays, and JSON must not have a key twice. */
export class OwnKeys {
  readonly #internals: PinoInternals
  #key: string | undefined
  #needle = ''
  #bindings = ''
  #inBindings = false

  constructor(internals: PinoInternals) {
    this.#internals = internals
  }

  has(instance: PinoInstance, object: unknown, line: string, key: string): boolean {
    const { chindings, formatters, nestedKey } = this.#internals
    if (this.#hasBinding(instance[chindings] as string, key)) return true
    if ((instance[formatters] as { log?: unknown }).log !== undefined) return this.#hasTopLevel(line)
    return (
      typeof object === 'object' &&
      object !== null &&
      (object as Record<string, unknown>)[key] !== undefined &&
      instance[nestedKey] == null &&
      this.#hasTopLevel(line)
    )
  }

  /** Children are often made per request, but most have many lines: the last answer is kept. */
  #hasBinding(bindings: string, key: string): boolean {
    if (bindings === this.#bindings && key === this.#key) return this.#inBindings
    if (key !== this.#key) this.#needle = `${JSON.stringify(key)}:`
    this.#key = key
    this.#bindings = bindings
    this.#inBindings = this.#hasTopLevel(`{${bindings.slice(1)}}`)
    return this.#inBindings
  }

  /** The parse is for the rare line that has the key somewhere, perhaps deeper. */
  #hasTopLevel(json: string): boolean {
    return json.includes(this.#needle) && Object.hasOwn(JSON.parse(json) as object, this.#key!)
  }
}
