import { sayLine } from './circuit'

/** Not a loss: a partial success that rejects nothing (OTLP specification). */
export const BACKEND_WARNING = 'backend_warning'

/** Says once per reason that items are lost; how many is in the account. */
export class DropWarnings {
  readonly #label: string
  readonly #said = new Set<string>()

  constructor(label: string) {
    this.#label = label
  }

  warn(reason: string, detail: string | undefined): void {
    if (!this.#isNew(reason)) return
    if (reason === BACKEND_WARNING) {
      if (detail !== undefined && detail !== '')
        sayLine('warn', `${this.#label}: the backend took everything, and says: ${detail}`)
      return
    }
    const why = detail === undefined || detail === '' ? reason : `${reason}: ${detail}`
    sayLine('warn', `${this.#label} loses items: ${why} (said once; the account counts them)`)
  }

  /** The disk refuses: nothing is lost before the memory is full, or the process ends. */
  warnOfSpool(reason: string, detail: string): void {
    if (this.#isNew(`refused ${reason}`))
      sayLine('warn', `${this.#label}: the spool takes no more, memory still does: ${reason}: ${detail}`)
  }

  #isNew(reason: string): boolean {
    if (this.#said.has(reason) || this.#said.size >= 64) return false
    this.#said.add(reason)
    return true
  }
}
