import type http from 'node:http'
import type https from 'node:https'
import { promisify } from 'node:util'
import type { Batch, HttpRequest, SendResult, Transport } from '@hashira/core'
import { HashiraError } from '@hashira/core'
import { idleTimer } from './detached'
import { errorText } from './error-text'
import { type ExchangeOutcome, exchange } from './http-exchange'
import { failureResult } from './http-failure'
import { answerResult, type InterpretResponse, RETRYABLE_STATUSES, type ResponseRules } from './http-response'

export interface HttpTransportOptions {
  /** `http:` or `https:`. Credentials in it are sent as basic authentication and shown nowhere. */
  readonly url: string
  /** Default `POST`. */
  readonly method?: string | undefined
  readonly contentType: string
  /** Further headers. Their values are secret: they appear in no message. */
  readonly headers?: Readonly<Record<string, string>> | undefined
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
  /** Reads what a 2xx answer says was not taken (partial success). */
  readonly interpretResponse?: InterpretResponse | undefined
  /** Of an answer, what is more is not read. Default 4 MiB. */
  readonly maxResponseBytes?: number | undefined
}

const IDLE_SOCKETS = 4

/** Sends batches over `node:http` and `node:https` with keep-alive; never loads undici, which would change the app's `fetch`. */
export class HttpTransport implements Transport {
  readonly destination: string
  readonly timeoutMs: number
  readonly #url: URL
  readonly #options: HttpTransportOptions
  readonly #headers: Readonly<Record<string, string>>
  readonly #agent: http.Agent
  readonly #start: typeof https.request
  readonly #compress: ((bytes: Uint8Array) => Promise<Uint8Array>) | undefined
  readonly #rules: ResponseRules

  /** Throws `HASHIRA_OPTION_INVALID` for a URL that is not absolute `http:` or `https:`, and for PEM texts that are none. */
  constructor(options: HttpTransportOptions) {
    const url = parseUrl(options.url)
    this.#options = options
    this.#headers = headersOf(options, url)
    this.#rules = {
      retryable: new Set([...RETRYABLE_STATUSES, ...(options.retryableStatuses ?? [])]),
      interpret: options.interpretResponse,
      secrets: secretsOf(options, url),
    }
    url.username = ''
    url.password = ''
    this.#url = url
    this.destination = `${url.origin}${url.pathname}`
    this.timeoutMs = options.timeoutMs ?? 10_000
    // Loaded when wanted: TLS and zlib cost an app that needs neither some 10 ms at its start.
    const secure = url.protocol === 'https:'
    if (secure) checkPem(options)
    const { Agent, request } = process.getBuiltinModule(secure ? 'node:https' : 'node:http') as typeof https
    this.#agent = new Agent({ keepAlive: true, maxFreeSockets: IDLE_SOCKETS, scheduling: 'lifo' })
    // As it is now: if Hashira's own instrumentation has wrapped it, that sees that tracing is suppressed.
    this.#start = request
    if (options.compression === 'gzip') this.#compress = promisify(process.getBuiltinModule('node:zlib').gzip)
  }

  async send(batch: Batch, abort: AbortSignal): Promise<SendResult> {
    const timeout = new AbortController()
    const stop = () => timeout.abort()
    const timer = idleTimer(this.timeoutMs, stop)
    abort.addEventListener('abort', stop)
    if (abort.aborted) stop()
    try {
      return await this.#sendWithin(batch, timeout.signal)
    } catch (error) {
      // The request could not even be made (a header that HTTP forbids): trying again would not help.
      return { outcome: 'drop', reason: 'request_invalid', message: errorText(error) }
    } finally {
      clearTimeout(timer)
      abort.removeEventListener('abort', stop)
    }
  }

  toRequest(batch: Batch): HttpRequest {
    const { method = 'POST', ca, cert, key } = this.#options
    return { url: this.#url.href, method, headers: this.#headers, body: batch.bytes, tls: { ca, cert, key } }
  }

  close(): void {
    this.#agent.destroy()
  }

  async #sendWithin(batch: Batch, abort: AbortSignal): Promise<SendResult> {
    const body = this.#compress === undefined ? batch.bytes : await this.#compress(batch.bytes)
    let outcome = await this.#exchange(body, abort, this.#agent)
    // A kept socket that the backend closed meanwhile says nothing about the backend: once more, on a socket of its own.
    if (outcome.failure?.stale && !abort.aborted) outcome = await this.#exchange(body, abort, false)
    if (outcome.answer !== undefined) return answerResult(outcome.answer, this.#rules)
    const failure = outcome.failure ?? { error: undefined, sent: false }
    if (!abort.aborted) return failureResult(failure)
    return {
      outcome: 'retry',
      reason: failure.sent ? 'timeout_after_send' : 'timeout',
      message: 'no answer in time',
    }
  }

  #exchange(body: Uint8Array, abort: AbortSignal, agent: http.Agent | false): Promise<ExchangeOutcome> {
    const { method = 'POST', ca, cert, key, maxResponseBytes = 4 * 1024 * 1024 } = this.#options
    const headers: Record<string, string> = { ...this.#headers, 'content-length': String(body.byteLength) }
    if (this.#compress !== undefined) headers['content-encoding'] = 'gzip'
    const options = { method, headers, agent, ca, cert, key }
    return exchange({ start: this.#start, url: this.#url, options, body, maxResponseBytes, abort })
  }
}

function parseUrl(text: string): URL {
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

function checkPem({ ca, cert, key }: HttpTransportOptions): void {
  if (ca === undefined && cert === undefined && key === undefined) return
  try {
    process.getBuiltinModule('node:tls').createSecureContext({ ca, cert, key })
  } catch (error) {
    const detail = `HttpTransport: options "ca", "cert" and "key" are not usable PEM texts: ${errorText(error)}`
    throw new HashiraError('HASHIRA_OPTION_INVALID', detail)
  }
}

function headersOf(
  { contentType, userAgent, headers }: HttpTransportOptions,
  url: URL,
): Record<string, string> {
  const all: Record<string, string> = { 'content-type': contentType }
  if (userAgent !== undefined) all['user-agent'] = userAgent
  if (url.username !== '' || url.password !== '') all['authorization'] = `Basic ${basicCredentials(url)}`
  for (const [name, value] of Object.entries(headers ?? {})) all[name.toLowerCase()] = value
  return all
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

/** Short values are no secrets, and would redact ordinary words. */
function secretsOf({ headers }: HttpTransportOptions, url: URL): string[] {
  const values = [...Object.values(headers ?? {}), decode(url.password), ...url.searchParams.values()]
  return values.flatMap((value) => [value, value.replace(/^\S+ /, '')]).filter((value) => value.length >= 8)
}
