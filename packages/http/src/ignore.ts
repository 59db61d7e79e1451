import { countFault, ignoreRejection } from '@hashira/core'
import type { Callback } from './callback'

/** An exact path (`/healthz`), a RegExp that is tested on the path, or a function. */
export type IgnoreEntry<Request> = string | RegExp | Callback<[request: Request], boolean>

/** Which requests are not observed. `undefined` when none is, so that asking costs nothing. */
export class IgnoreList<Request> {
  readonly #paths: ReadonlySet<string>
  readonly #patterns: readonly RegExp[]
  readonly #functions: readonly ((request: Request) => boolean)[]

  constructor(entries: readonly IgnoreEntry<Request>[]) {
    this.#paths = new Set(entries.filter((entry) => typeof entry === 'string'))
    this.#patterns = entries.filter((entry) => entry instanceof RegExp).map(stateless)
    this.#functions = entries.filter((entry) => typeof entry === 'function')
  }

  has(path: string, request: Request): boolean {
    return this.hasPath(path) || this.hasRequest(request)
  }

  /** The entries that need no more than the path. */
  hasPath(path: string): boolean {
    if (this.#paths.has(path)) return true
    for (const pattern of this.#patterns) if (pattern.test(path)) return true
    return false
  }

  /** The functions among the entries. */
  hasRequest(request: Request): boolean {
    for (const matches of this.#functions) if (isIgnored(matches, request)) return true
    return false
  }
}

/** A RegExp with `g` or `y` remembers where it stopped: every other request would be missed. */
function stateless(pattern: RegExp): RegExp {
  return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''))
}

function isIgnored<Request>(matches: (request: Request) => boolean, request: Request): boolean {
  try {
    const result: unknown = matches(request)
    if (!ignoreRejection(result, 'ignore')) return result === true
  } catch {
    // Counted below.
  }
  countFault('ignore')
  return false
}
