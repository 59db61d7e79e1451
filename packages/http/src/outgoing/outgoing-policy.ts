import { IgnoreList } from '../ignore'
import { DEFAULT_KNOWN_METHODS } from '../known-methods'
import { QueryRedaction } from '../redaction'
import { BaggageDestinations } from './baggage-destinations'
import type { Origin } from './origin'
import type { OutgoingOptions } from './outgoing-options'

/** The options, ready to be asked per call. */
export class OutgoingPolicy {
  readonly redaction: QueryRedaction
  readonly knownMethods: ReadonlySet<string>
  readonly disabled: boolean
  readonly #ignored: IgnoreList<string> | undefined
  readonly #baggageTo: BaggageDestinations
  readonly #takesBaggage = new WeakMap<Origin, boolean>()

  constructor(options: OutgoingOptions) {
    const ignored = options.ignoreOutgoing ?? []
    this.redaction = new QueryRedaction(options.redactQuery ?? [])
    this.knownMethods = new Set(options.knownMethods ?? DEFAULT_KNOWN_METHODS)
    this.disabled = options.disabled === true
    this.#ignored = ignored.length === 0 ? undefined : new IgnoreList(ignored.map(normalized))
    this.#baggageTo = new BaggageDestinations(options.propagateBaggageTo ?? [])
  }

  ignores(url: string): boolean {
    return this.#ignored?.has(url, url) === true
  }

  sendsBaggageTo(origin: Origin): boolean {
    let answer = this.#takesBaggage.get(origin)
    if (answer === undefined) {
      answer = this.#baggageTo.has(origin.address)
      this.#takesBaggage.set(origin, answer)
    }
    return answer
  }
}

/** `http://localhost:80` is the URL `http://localhost/`. */
function normalized<T>(entry: string | T): string | T {
  return typeof entry === 'string' && URL.canParse(entry) ? new URL(entry).href : entry
}
