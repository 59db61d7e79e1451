import type { Batch, HttpRequest } from '@hashira/core'
import { HashiraError } from '@hashira/core'
import { errorText } from './error-text'
import type { InterpretResponse } from './http-response'

export interface HttpTransportOptions {
  /** `http:` or `https:`. Credentials in it are sent as basic authentication and shown nowhere. */
  readonly url: string
  /** Path of a unix socket to use in place of the URL's host and port. */
  readonly socketPath?: string | undefined
  /** Default `POST`. */
  readonly method?: string | undefined
  readonly contentType: string
  /** Further headers. Their values are secret: they appear in no message. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Further headers of one batch: its item count and the like. */
  readonly headersOf?: ((batch: Batch) => Readonly<Record<string, string>>) | undefined
  /**
   * Headers of this very attempt, over the final (compressed) body: AWS SigV4. Called anew for each attempt; a rejection is a
   * `retry` with the reason `signing`. It takes part in `timeoutMs`.
   */
  readonly sign?: ((request: HttpRequest) => Promise<Readonly<Record<string, string>>>) | undefined
  readonly userAgent?: string | undefined
  /** Default `none`. */
  readonly compression?: 'none' | 'gzip' | undefined
  /** For the whole exchange, from compressing to the end of the answer. Default 10,000 (`OTEL_EXPORTER_OTLP_TIMEOUT`). */
  readonly timeoutMs?: number | undefined
  /** PEM texts for TLS: trusted authorities, and the certificate and key of the client. */
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** Statuses to try again on, beside 429, 502, 503 and 504. */
  readonly retryableStatuses?: readonly number[] | undefined
  /** Reads what a 2xx answer says was not taken (partial success), or decides what becomes of the batch. */
  readonly interpretResponse?: InterpretResponse | undefined
  /** `interpretResponse` is asked about every answer, not only about 2xx. Default `false`. */
  readonly interpretEveryStatus?: boolean | undefined
  /** Of an answer, what is more is not read. Default 4 MiB. */
  readonly maxResponseBytes?: number | undefined
}

export function parseUrl(text: string): URL {
  if (URL.canParse(text)) {
    const url = new URL(text)
    if (url.protocol === 'http:' || url.protocol === 'https:') return url
  }
  // The text itself may hold credentials.
  throw new HashiraError(
    'HASHIRA_OPTION_INVALID',
    'HttpTransport: option "url" is not an absolute http or https URL',
  )
}

/** For people: without credentials and query. */
export function destinationOf(url: URL, socketPath: string | undefined): string {
  return `${socketPath === undefined ? url.origin : `unix://${socketPath}`}${url.pathname}`
}

export function checkPem({ ca, cert, key }: HttpTransportOptions): void {
  if (ca === undefined && cert === undefined && key === undefined) return
  try {
    process.getBuiltinModule('node:tls').createSecureContext({ ca, cert, key })
  } catch (error) {
    const detail = `HttpTransport: options "ca", "cert" and "key" are not usable PEM texts: ${errorText(error)}`
    throw new HashiraError('HASHIRA_OPTION_INVALID', detail)
  }
}

/** The headers that every request has, by their names in lower case. */
export function fixedHeaders(
  { contentType, userAgent, headers }: HttpTransportOptions,
  url: URL,
): Record<string, string> {
  const all: Record<string, string> = { 'content-type': contentType }
  if (userAgent !== undefined) all['user-agent'] = userAgent
  return withHeaders({ ...all, ...basicAuthorization(url) }, headers)
}

/** The header that the credentials in a URL become, if it has any. */
export function basicAuthorization(url: URL): Record<string, string> {
  if (url.username === '' && url.password === '') return {}
  return { authorization: `Basic ${basicCredentials(url)}` }
}

export function withHeaders(
  headers: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  const all: Record<string, string> = { ...headers }
  for (const [name, value] of Object.entries(more ?? {})) all[name.toLowerCase()] = value
  return all
}

/** Shorter values are no secrets, and would redact ordinary words. */
export const SECRET_LENGTH = 8

export function secretsOf({ headers }: HttpTransportOptions, url: URL): string[] {
  const hasCredentials = url.username !== '' || url.password !== ''
  const values = [
    ...Object.values(headers ?? {}),
    decode(url.password),
    ...(hasCredentials ? [basicCredentials(url)] : []),
    ...url.searchParams.values(),
  ]
  return values
    .flatMap((value) => [value, value.replace(/^\S+ /, '')])
    .filter((value) => value.length >= SECRET_LENGTH)
}

function basicCredentials(url: URL): string {
  return Buffer.from(`${decode(url.username)}:${decode(url.password)}`).toString('base64')
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
