import type { OptionSpec } from '@hashira/core'

export interface HostAndPort {
  readonly host: string
  readonly port: number
}

/** Where the daemon takes segments (UDP) and sampling calls (TCP). */
export interface DaemonAddress {
  readonly udp: HostAndPort
  readonly tcp: HostAndPort
}

export const DEFAULT_DAEMON: DaemonAddress = {
  udp: { host: '127.0.0.1', port: 2000 },
  tcp: { host: '127.0.0.1', port: 2000 },
}

/**
 * `host:port` for both, or `udp:host:port tcp:host:port` in either order; one of the two alone is an error
 * (aws-xray-sdk-node, `daemon_config`). An IPv6 address is in brackets.
 */
export function daemonAddressOption(): OptionSpec<DaemonAddress> {
  const parse = (text: unknown) => (typeof text === 'string' ? parseDaemonAddress(text) : undefined)
  return {
    env: ['AWS_XRAY_DAEMON_ADDRESS'],
    default: DEFAULT_DAEMON,
    allowed: 'an address such as 127.0.0.1:2000 or "udp:127.0.0.1:2000 tcp:127.0.0.1:2001"',
    accept: parse,
    parse,
  }
}

export function parseDaemonAddress(text: string): DaemonAddress | undefined {
  const parts = text.trim().split(/\s+/)
  if (parts.length === 1) {
    const both = hostAndPort(parts[0]!)
    return both && { udp: both, tcp: both }
  }
  if (parts.length !== 2) return undefined
  const of = (protocol: string) => {
    const found = parts.filter((part) => part.toLowerCase().startsWith(`${protocol}:`))
    return found.length === 1 ? hostAndPort(found[0]!.slice(protocol.length + 1)) : undefined
  }
  const [udp, tcp] = [of('udp'), of('tcp')]
  return udp && tcp && { udp, tcp }
}

function hostAndPort(text: string): HostAndPort | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-f:.%]+)\]|([^\s:/@[\]]+)):(\d{1,5})$/i.exec(text) ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : undefined
}
