/** They belong to the connection, not to the request (RFC 9110, 7.6.1), or would be a wait for an answer (10.1.1). */
const OWN = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** RFC 9110, 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/**
 * The request line and headers (RFC 9112, 3 and 5) without the length of the body: `POST /v1/traces HTTP/1.1\r\n…`; to be
 * completed by {@link withLength}. Throws for a method, name or value that HTTP forbids; no value is in the message.
 */
export function requestHead(method: string, url: URL, headers: Readonly<Record<string, string>>): string {
  if (!TOKEN.test(method)) throw invalid('method')
  let head = `${method} ${url.pathname}${url.search} HTTP/1.1\r\nconnection: keep-alive\r\n`
  let hasHost = false
  for (const [name, given] of Object.entries(headers)) {
    const lower = name.toLowerCase()
    if (OWN.has(lower)) continue
    // The caller's JavaScript may have given anything.
    const value = given === undefined || given === null ? '\0' : String(given)
    if (!TOKEN.test(name)) throw invalid('header name')
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) throw invalid(`character in the header "${lower}"`)
    hasHost ||= lower === 'host'
    head += `${name}: ${value}\r\n`
  }
  // With the port unless it is the default, and IPv6 in brackets, as RFC 9110, 7.2 wants it.
  return hasHost ? head : `${head}host: ${url.host}\r\n`
}

export function withLength(head: string, bodyBytes: number): string {
  return `${head}content-length: ${bodyBytes}\r\n\r\n`
}

/** For a method of which nobody expects a body (RFC 9110, 8.6). */
export function withoutLength(head: string): string {
  return `${head}\r\n`
}

function invalid(what: string): Error {
  return Object.assign(new TypeError(`HTTP forbids this ${what}`), { code: 'ERR_INVALID_HTTP' })
}
