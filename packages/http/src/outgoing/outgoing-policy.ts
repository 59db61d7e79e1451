import { IgnoreList } from '../ignore'
import { DEFAULT_KNOWN_METHODS } from '../known-methods'
import { QueryRedaction } from '../redaction'
import { Destinations } from './destinations'
import type { Origin } from './origin'
import type { OutgoingOptions } from './outgoing-options'

/** The options, ready to be asked per call. */
export class OutgoingPolicy {
  readonly redaction: QueryRedaction
  readonly knownMethods: ReadonlySet<string>
  readonly disabled: boolean
  readonly #ignored: IgnoreList<string> | undefined
  /** `undefined`: everywhere. */
  readonly #contextTo: Destinations | undefined
  readonly #baggageTo: Destinations

  constructor(options: OutgoingOptions) {
    const ignored = options.ignoreOutgoing ?? []
    this.redaction = new QueryRedaction(options.redactQuery ?? [])
    this.knownMethods = new Set(options.knownMethods ?? DEFAULT_KNOWN_METHODS)
    this.disabled = options.disabled === true
    this.#ignored = ignored.length === 0 ? undefined : new IgnoreList(ignored.map(normalized))
    this.#contextTo = options.propagateTo === undefined ? undefined : new Destinations(options.propagateTo)
    this.#baggageTo = new Destinations(options.propagateBaggageTo)
  }

  ignores(url: string): boolean {
    return this.#ignored?.has(url, url) === true
  }

  /** Whether any context header goes there. */
  sendsContextTo(origin: Origin): boolean {
    return this.#contextTo === undefined || this.#contextTo.includes(origin)
  }

  /** It often holds user and tenant ids. */
  sendsBaggageTo(origin: Origin): boolean {
    return this.#baggageTo.includes(origin)
  }
}

/** `http://localhost:80` is the URL `http://localhost/`. */
function normalized<T>(entry: string | T): string | T {
  return typeof entry === 'string' && URL.canParse(entry) ? new URL(entry).href : entry
}
