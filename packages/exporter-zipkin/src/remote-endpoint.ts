import { isIP, isIPv4 } from 'node:net'
import type { AttributeList } from '@hashira/core'
import { wellFormed } from './attribute-text'
import type { Endpoint } from './zipkin-span'

interface Source {
  readonly attribute: string
  readonly port?: string
}

/** Where the other side may be told, the most telling first (OpenTelemetry specification, Zipkin, "Remote endpoint"). */
const SOURCES: readonly Source[] = [
  { attribute: 'peer.service' },
  { attribute: 'server.address', port: 'server.port' },
  { attribute: 'net.peer.name', port: 'net.peer.port' },
  { attribute: 'network.peer.address', port: 'network.peer.port' },
  { attribute: 'server.socket.domain' },
  { attribute: 'server.socket.address', port: 'server.socket.port' },
  { attribute: 'net.sock.peer.name' },
  { attribute: 'net.sock.peer.addr', port: 'net.sock.peer.port' },
  { attribute: 'peer.hostname' },
  { attribute: 'peer.address' },
  { attribute: 'db.name' },
]

/**
 * The service that was called, or `undefined` when no attribute tells. Zipkin draws its map of services by the names, so an
 * address is one as well.
 */
export function remoteEndpoint(attributes: AttributeList): Endpoint | undefined {
  for (const { attribute, port } of SOURCES) {
    const name = attributes.get(attribute)
    if (typeof name !== 'string' || name === '') continue
    const serviceName = wellFormed(name)
    return { serviceName, ...addressOf(name), port: portOf(port && attributes.get(port)) }
  }
  return undefined
}

function addressOf(text: string): Endpoint {
  if (isIP(text) === 0) return {}
  return isIPv4(text) ? { ipv4: text } : { ipv6: text }
}

function portOf(value: unknown): number | undefined {
  const port = Number(value)
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined
}
