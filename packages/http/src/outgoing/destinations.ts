import { BlockList, isIP } from 'node:net'
import { plainAddress } from '../ip-address'
import type { Origin } from './origin'

let insideList: BlockList | undefined

/** RFC 1918, RFC 4193 and loopback. Link-local addresses are not inside: cloud metadata services live there. */
function insideAddresses(): BlockList {
  // Made when an address is first looked up: it takes 1.3 ms of an app's start.
  if (insideList !== undefined) return insideList
  insideList = new BlockList()
  insideList.addSubnet('127.0.0.0', 8, 'ipv4')
  insideList.addSubnet('10.0.0.0', 8, 'ipv4')
  insideList.addSubnet('172.16.0.0', 12, 'ipv4')
  insideList.addSubnet('192.168.0.0', 16, 'ipv4')
  insideList.addAddress('::1', 'ipv6')
  insideList.addSubnet('fc00::', 7, 'ipv6')
  return insideList
}

const INSIDE_SUFFIXES = ['.local', '.internal', '.svc', '.cluster.local', '.lan', '.localhost']

/** Hosts that may get a kind of header: the inside, and whoever was named. `*` names everybody. */
export class Destinations {
  readonly #hosts = new Set<string>()
  readonly #suffixes: string[] = [...INSIDE_SUFFIXES]
  readonly #everywhere: boolean
  readonly #answers = new WeakMap<Origin, boolean>()

  constructor(named: readonly string[] = []) {
    this.#everywhere = named.some((entry) => entry.trim() === '*')
    for (const entry of named) {
      const name = normalized(entry)
      const suffix = name.startsWith('*.') ? name.slice(1) : name
      if (suffix.startsWith('.')) this.#suffixes.push(suffix)
      else this.#hosts.add(suffix)
    }
  }

  /** {@link has}, asked once per origin. */
  includes(origin: Origin): boolean {
    let answer = this.#answers.get(origin)
    if (answer === undefined) {
      answer = this.has(origin.address)
      this.#answers.set(origin, answer)
    }
    return answer
  }

  /** @param address a host name or an IP address, without brackets */
  has(address: string): boolean {
    const host = normalized(address)
    if (this.#everywhere || this.#hosts.has(host)) return true
    if (isIP(host) !== 0) return isInsideAddress(host)
    if (!host.includes('.')) return host !== ''
    return this.#suffixes.some((suffix) => host.endsWith(suffix))
  }
}

function isInsideAddress(address: string): boolean {
  const plain = plainAddress(address)
  return insideAddresses().check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
}

/** Lower case, without the root's dot, brackets and zone of an address. */
function normalized(host: string): string {
  let name = host.trim().toLowerCase()
  if (name.startsWith('[') && name.endsWith(']')) name = name.slice(1, -1)
  if (name.endsWith('.')) name = name.slice(0, -1)
  const zone = name.indexOf('%')
  return zone < 0 ? name : name.slice(0, zone)
}
