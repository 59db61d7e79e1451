import type { IncomingMessage } from 'node:http'
import { countFault, ignoreRejection, type OptionSpec, warnOnce } from '@hashira/core'
import { AddressRanges, isAddressRange } from './address-ranges'
import type { Callback } from './callback'

/**
 * Whose trace context is believed: everybody's, nobody's, that of peers in these ranges of IP addresses (`10.0.0.0/8`,
 * `fd00::/8`, `::1`; of the connection, not of a header), or as a function of the request says. A context that is not believed
 * becomes a link of a trace that begins here: it is no parent, its sampled flag decides nothing, its baggage is dropped.
 */
export type Trust = 'always' | 'never' | readonly string[] | Callback<[request: IncomingMessage], boolean>

/** A {@link Trust} to be asked per request. */
export class TrustPolicy {
  readonly #trusts: (request: IncomingMessage) => unknown

  constructor(trust: Trust) {
    if (typeof trust === 'function') this.#trusts = trust
    else if (typeof trust === 'string') this.#trusts = () => trust === 'always'
    else {
      const ranges = new AddressRanges(trust)
      this.#trusts = ({ socket }) =>
        ranges.has((socket as IncomingMessage['socket'] | undefined)?.remoteAddress)
    }
  }

  /** Never throws; a function that does, or that returns a promise, is counted (`trust`) and means no. */
  trusts(request: IncomingMessage): boolean {
    try {
      const answer = this.#trusts(request)
      if (!ignoreRejection(answer, 'trust')) return answer === true
    } catch {
      // Counted below.
    }
    countFault('trust')
    return false
  }
}

/** `undefined` when it is not set, which is as good as `always`. From the environment: a word, or ranges separated by commas. */
export function trustOption(variable: string): OptionSpec<Trust | undefined> {
  return {
    env: variable === '' ? [] : [variable],
    default: undefined,
    allowed: 'always, never, a list of IP addresses and CIDR ranges, or (in code) a function of the request',
    accept: (value) => (isTrust(value) ? value : undefined),
    parse: (text) => {
      const entries = text
        .split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== '')
      const word = entries[0]?.toLowerCase()
      if (entries.length === 1 && (word === 'always' || word === 'never')) return word
      return entries.length > 0 && entries.every(isAddressRange) ? entries : undefined
    },
  }
}

function isTrust(value: unknown): value is Trust {
  if (value === 'always' || value === 'never' || typeof value === 'function') return true
  return Array.isArray(value) && value.every(isAddressRange)
}

/** Servers that are observed as a whole begin their requests' spans before an app's own middleware is asked. */
export function warnTooLate(owner: string): void {
  warnOnce(
    'HASHIRA_OPTION_INVALID',
    `${owner}: option "trust" comes too late where whole servers are observed; give it to start() or set HASHIRA_TRUST_INCOMING`,
  )
}
