import { SLOT } from './attribute-keys'
import type { Slots } from './span-facts'

let lastScheme: string | undefined
let lastAddress: string | undefined
let lastPort: string | undefined
let lastOrigin = ''

/** A server span's URL in one piece, as dd-trace has it in `http.url`; `undefined` when a part that it needs is missing. */
export function serverUrl(slots: Slots): string | undefined {
  const scheme = slots[SLOT.urlScheme]
  const address = slots[SLOT.serverAddress]
  const path = slots[SLOT.urlPath]
  if (!scheme || !address || path === undefined) return undefined
  const query = slots[SLOT.urlQuery]
  const url = originOf(scheme, address, slots[SLOT.serverPort]) + path
  return query ? `${url}?${query}` : url
}

/** Joined again only when it is another one than before: most processes have one. */
function originOf(scheme: string, address: string, port: string | undefined): string {
  if (scheme === lastScheme && address === lastAddress && port === lastPort) return lastOrigin
  const host = address.includes(':') && address[0] !== '[' ? `[${address}]` : address
  const isUsual = port === undefined || port === (scheme === 'https' ? '443' : '80')
  lastScheme = scheme
  lastAddress = address
  lastPort = port
  lastOrigin = `${scheme}://${host}${isUsual ? '' : `:${port}`}`
  return lastOrigin
}
