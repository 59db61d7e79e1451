/** Where a request was sent to, as its `Host` (or `:authority`) says. */
export interface ServerAddress {
  readonly address: string
  /** `undefined` when the header names none: it is the scheme's own. */
  readonly port: number | undefined
}

const MAX_KNOWN = 100
const known = new Map<string, ServerAddress | undefined>()
let lastHost: string | undefined
let lastAddress: ServerAddress | undefined

/**
 * Reads `localhost:3000`, `example.com`, `[::1]:8080`; brackets are not part of the address. `undefined` when it is nothing
 * of the kind. A server is called by few names, so they are remembered (a bounded number: the header is the client's).
 */
export function parseHost(host: string | undefined): ServerAddress | undefined {
  if (host === undefined || host === '') return undefined
  if (host === lastHost) return lastAddress
  let address = known.get(host)
  if (address === undefined && !known.has(host)) {
    address = parse(host)
    if (known.size < MAX_KNOWN && host.length <= 255) known.set(host, address)
  }
  lastHost = host
  lastAddress = address
  return address
}

const HOST = /^(?:\[([0-9a-fA-F:.%]+)\]|([^\s:/?#@[\]]+))(?::(\d{0,5}))?$/

function parse(host: string): ServerAddress | undefined {
  const match = HOST.exec(host)
  if (match === null) return undefined
  const port = match[3] === undefined || match[3] === '' ? undefined : Number(match[3])
  if (port !== undefined && port > 65_535) return undefined
  return { address: (match[1] ?? match[2])!, port }
}
