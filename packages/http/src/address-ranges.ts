import { BlockList, isIP } from 'node:net'
import { plainAddress } from './ip-address'

const MAX_KNOWN = 1_000

/** Ranges of IP addresses: `10.0.0.0/8`, `fd00::/8`, or single ones. */
export class AddressRanges {
  readonly #list = new BlockList()
  /** Few peers send many requests, and asking the list costs 1 µs. */
  readonly #known = new Map<string, boolean>()

  /** @param ranges each one {@link isAddressRange} */
  constructor(ranges: readonly string[]) {
    for (const range of ranges) {
      const { address, prefix } = parse(range)!
      this.#list.addSubnet(address, prefix, familyOf(address))
    }
  }

  /** A peer without an address (a unix socket) is in none. */
  has(address: string | undefined): boolean {
    if (address === undefined) return false
    let answer = this.#known.get(address)
    if (answer === undefined) {
      const plain = plainAddress(address)
      answer = isIP(plain) !== 0 && this.#list.check(plain, familyOf(plain))
      if (this.#known.size >= MAX_KNOWN) this.#known.clear()
      this.#known.set(address, answer)
    }
    return answer
  }
}

export function isAddressRange(text: unknown): text is string {
  return typeof text === 'string' && parse(text) !== undefined
}

function parse(range: string): { address: string; prefix: number } | undefined {
  const [given = '', prefixText, ...more] = range.trim().split('/')
  const address = plainAddress(given)
  const bits = isIP(address) === 4 ? 32 : 128
  if (isIP(address) === 0 || more.length > 0) return undefined
  if (prefixText === undefined) return { address, prefix: bits }
  if (!/^\d{1,3}$/.test(prefixText)) return undefined
  // Of a mapped address, whose first 96 bits are the mapping's.
  const prefix = Number(prefixText) - (address !== given && bits === 32 ? 96 : 0)
  return prefix >= 0 && prefix <= bits ? { address, prefix } : undefined
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}
