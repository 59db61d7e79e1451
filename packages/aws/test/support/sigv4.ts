import { createHash, createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** A request as a server received it. */
export interface ReceivedRequest {
  readonly method: string
  /** Path and query, as on the request line. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: Uint8Array
}

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Uint8Array, data: string) => createHmac('sha256', key).update(data).digest()
/** RFC 3986, as the signing documentation wants it. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/**
 * Checks a Signature Version 4 the way a service does; written from AWS's documentation ("Create a signed AWS API request"),
 * not from the library that signs. Returns the credential scope, and throws an error that says what is wrong.
 */
export function verifySignature(request: ReceivedRequest, secretAccessKey: string): string {
  const header = String(request.headers['authorization'] ?? '')
  const parts = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=(\w{64})$/
  const [, , scope, signedHeaders, signature] = parts.exec(header) ?? []
  if (scope === undefined) throw new Error(`no signature: ${header}`)
  const [day, region, service] = scope.split('/') as [string, string, string]
  const time = String(request.headers['x-amz-date'])
  if (!time.startsWith(day)) throw new Error(`the day of ${time} is not ${day}`)

  const [path, query = ''] = request.target.split('?') as [string, string?]
  const pairs = [...new URLSearchParams(query)]
    .map(([key, value]) => [encode(key), encode(value)] as const)
    .sort(([a, b], [c, d]) => (a === c ? (b < d ? -1 : 1) : a < c ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
  const names = signedHeaders!.split(';')
  const canonical = [
    request.method,
    path.split('/').map(encode).join('/'),
    pairs.join('&'),
    ...names.map((name) => `${name}:${String(request.headers[name]).trim().replace(/\s+/g, ' ')}`),
    '',
    names.join(';'),
    sha256(request.body),
  ].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')
  const key = [day, region, service, 'aws4_request'].reduce<string | Uint8Array>(
    hmac,
    `AWS4${secretAccessKey}`,
  )
  const expected = hmac(key, toSign).toString('hex')
  if (expected !== signature)
    throw new Error(`the signature is wrong; the canonical request is\n${canonical}`)
  if (!names.includes('host')) throw new Error('host is not signed')
  return scope
}
