/** Where calls go to: scheme, host and port. One object per origin, so that what belongs to it can be kept by it. */
export interface Origin {
  /** `https://example.com:8443`, as a URL begins. */
  readonly prefix: string
  readonly scheme: string
  /** Host name or IP address, without brackets. */
  readonly address: string
  readonly port: number
}

/** Origins come from the app, which may call any number of them. */
const MAX_ORIGINS = 1_000
const known = new Map<string, Origin | undefined>()

/** `undefined` when `text` is no http or https origin. */
export function originOf(text: string): Origin | undefined {
  const origin = known.get(text)
  if (origin !== undefined || known.has(text)) return origin
  const parsed = parse(text)
  if (known.size >= MAX_ORIGINS) known.clear()
  known.set(text, parsed)
  return parsed
}

function parse(text: string): Origin | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, hostname, port, origin } = new URL(text)
  if ((protocol !== 'http:' && protocol !== 'https:') || hostname === '') return undefined
  const scheme = protocol.slice(0, -1)
  return {
    prefix: origin,
    scheme,
    address: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: port === '' ? (scheme === 'https' ? 443 : 80) : Number(port),
  }
}
