import { existsSync } from 'node:fs'
import { canLoadUnixDgram } from './unix-dgram'

export type DogstatsdAddress =
  | { readonly kind: 'udp'; readonly host: string; readonly port: number }
  /** A unix socket that takes datagrams. */
  | { readonly kind: 'unixgram'; readonly path: string }
  /** A unix stream socket. */
  | { readonly kind: 'unixstream'; readonly path: string }

export interface DogstatsdAddressOptions {
  readonly dogstatsdUrl?: string | undefined
  readonly dogstatsdHost?: string | undefined
  readonly dogstatsdPort?: number | undefined
  readonly agentHost?: string | undefined
}

const DEFAULT_PORT = 8125
const DEFAULT_SOCKET = '/var/run/datadog/dsd.socket'

/**
 * The URL, then host and port, then the agent's usual unix socket where it exists and `unix-dgram` is installed, then
 * `127.0.0.1:8125`.
 */
export function dogstatsdAddress(
  { dogstatsdUrl, dogstatsdHost, dogstatsdPort, agentHost }: DogstatsdAddressOptions,
  usualSocket: string = DEFAULT_SOCKET,
): DogstatsdAddress {
  const given = dogstatsdUrl === undefined ? undefined : parseDogstatsdUrl(dogstatsdUrl)
  if (given !== undefined) return given
  const host = dogstatsdHost ?? agentHost
  if (host === undefined && dogstatsdPort === undefined && existsSync(usualSocket) && canLoadUnixDgram())
    return { kind: 'unixgram', path: usualSocket }
  return { kind: 'udp', host: host ?? '127.0.0.1', port: dogstatsdPort ?? DEFAULT_PORT }
}

/** `undefined` for what is none of the three forms. */
export function parseDogstatsdUrl(text: string): DogstatsdAddress | undefined {
  const unix = /^(unix|unixgram|unixstream):(?:\/\/)?(\/[^/].*)$/.exec(text)
  if (unix !== null) return { kind: unix[1] === 'unixstream' ? 'unixstream' : 'unixgram', path: unix[2]! }
  const udp = /^udp:\/\/(?:\[([0-9a-f:.]+)\]|([^\s:/[\]]+))(?::(\d{1,5}))?\/?$/i.exec(text)
  if (udp === null) return undefined
  const port = Number(udp[3] ?? DEFAULT_PORT)
  return port < 1 || port > 65_535 ? undefined : { kind: 'udp', host: (udp[1] ?? udp[2])!, port }
}
