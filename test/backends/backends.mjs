import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const folder = import.meta.dirname
const fileOf = (name) => join(folder, name, 'backend.mjs')

/** Every backend: the folders beside this file that hold a `backend.mjs`. */
export const backendNames = readdirSync(folder)
  .filter((name) => existsSync(fileOf(name)))
  .sort()

/** The module of a backend; README.md says what it exports. */
export async function loadBackend(name) {
  if (!backendNames.includes(name))
    throw new Error(`no backend ${name}; there are ${backendNames.join(', ')}`)
  return import(pathToFileURL(fileOf(name)).href)
}

/** The backends of one run: each is started when it is first needed, and all are stopped together. */
export class Backends {
  #started = new Map()
  #missing = missingFromOutside()

  /** Starts the backends `names`, and before each what it uses. One that cannot be had rejects nothing. */
  async start(names) {
    for (const name of names) {
      if (this.#started.has(name)) continue
      const { uses = [], start } = await loadBackend(name)
      await this.start(uses)
      this.#started.set(name, await this.#startOne(name, () => start(this.given(uses))))
    }
  }

  async #startOne(name, start) {
    const missing = this.#missing[name]
    if (missing) return { given: { missing } }
    try {
      const { version, given, stop } = await start()
      return { given: { version, ...given }, stop }
    } catch (error) {
      return { given: { missing: error.message } }
    }
  }

  /** What tests are told of the started backends `names`: `{ [name]: { version, … } }`, or `{ [name]: { missing: reason } }`. */
  given(names) {
    return Object.fromEntries(names.map((name) => [name, this.#started.get(name).given]))
  }

  async stop() {
    await Promise.all([...this.#started.values()].map(({ stop }) => stop?.()))
    this.#started.clear()
  }
}

// Written by `prepare.mjs`. Nothing is tried again: a build that fails may take as long as one that does not.
function missingFromOutside() {
  const file = process.env.HASHIRA_BACKENDS_MISSING
  const text = file ? readFileSync(file, 'utf8') : ''
  return text ? JSON.parse(text) : {}
}
