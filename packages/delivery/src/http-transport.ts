import type http from 'node:http'
import type https from 'node:https'
import { promisify } from 'node:util'
import type { Batch, HttpRequest, SendResult, Transport } from '@hashira/core'
import { errorText } from './error-text'
import { type ExchangeOutcome, exchange } from './http-exchange'
import { failureResult } from './http-failure'
import { answerResult, RETRYABLE_STATUSES, type ResponseRules, withoutSecrets } from './http-response'
import {
  checkPem,
  destinationOf,
  fixedHeaders,
  type HttpTransportOptions,
  parseUrl,
  SECRET_LENGTH,
  secretsOf,
  withHeaders,
} from './http-transport-options'
import { SignedRequests } from './signed-requests'
import { timeLimit } from './time-limit'

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
  readonly #signed: SignedRequests | undefined

  /** Throws `HASHIRA_OPTION_INVALID` for a URL that is not absolute `http:` or `https:`, and for PEM texts that are none. */
  constructor(options: HttpTransportOptions) {
    const url = parseUrl(options.url)
    this.#options = options
    this.#headers = fixedHeaders(options, url)
    this.#rules = {
      retryable: new Set([...RETRYABLE_STATUSES, ...(options.retryableStatuses ?? [])]),
      interpret: options.interpretResponse,
      interpretEveryStatus: options.interpretEveryStatus === true,
      secrets: secretsOf(options, url),
    }
    url.username = ''
    url.password = ''
    this.#url = url
    this.destination = destinationOf(url, options.socketPath)
    this.timeoutMs = options.timeoutMs ?? 10_000
    // Loaded when wanted: TLS and zlib cost an app that needs neither some 10 ms at its start.
    const secure = url.protocol === 'https:'
    if (secure) checkPem(options)
    const { Agent, request } = process.getBuiltinModule(secure ? 'node:https' : 'node:http') as typeof https
    this.#agent = new Agent({ keepAlive: true, maxFreeSockets: IDLE_SOCKETS, scheduling: 'lifo' })
    // As it is now: if Hashira's own instrumentation has wrapped it, that sees that tracing is suppressed.
    this.#start = request
    if (options.compression === 'gzip') this.#compress = promisify(process.getBuiltinModule('node:zlib').gzip)
    if (options.sign !== undefined) this.#signed = new SignedRequests(options.sign)
  }

  async send(batch: Batch, abort: AbortSignal): Promise<SendResult> {
    const limit = timeLimit(this.timeoutMs, abort)
    try {
      return await this.#sendWithin(batch, limit.signal)
    } catch (error) {
      // The request could not even be made (a header that HTTP forbids): trying again would not help.
      return { outcome: 'drop', reason: 'request_invalid', message: this.#safeText(error) }
    } finally {
      limit.end()
    }
  }

  /** Of a transport that signs, only a batch that was tried within the last minutes has a form that needs no signing. */
  toRequest(batch: Batch): HttpRequest {
    if (this.#signed === undefined) return this.#request(batch, batch.bytes)
    const signed = this.#signed.recent(batch)
    if (signed === undefined) throw new Error('this batch was not signed yet')
    return signed
  }

  close(): void {
    this.#agent.destroy()
  }

  async #sendWithin(batch: Batch, abort: AbortSignal): Promise<SendResult> {
    const body = this.#compress === undefined ? batch.bytes : await this.#compress(batch.bytes)
    let request = this.#request(batch, body)
    let rules = this.#rules
    if (this.#signed !== undefined) {
      try {
        const signed = await this.#signed.sign(batch, request, abort)
        // AWS repeats signatures and session tokens in its errors.
        rules = { ...rules, secrets: [...rules.secrets, ...newValues(signed.headers, request.headers)] }
        request = signed
      } catch (error) {
        return { outcome: 'retry', reason: 'signing', message: this.#safeText(error) }
      }
    }
    let outcome = await this.#exchange(request, abort, this.#agent)
    // A kept socket that the backend closed meanwhile says nothing about the backend: once more, on a socket of its own.
    if (outcome.failure?.stale && !abort.aborted) outcome = await this.#exchange(request, abort, false)
    if (outcome.answer !== undefined) return answerResult(outcome.answer, rules, batch)
    const failure = outcome.failure ?? { error: undefined, sent: false }
    if (!abort.aborted) return failureResult(failure)
    return {
      outcome: 'retry',
      reason: failure.sent ? 'timeout_after_send' : 'timeout',
      message: 'no answer in time',
    }
  }

  #request(batch: Batch, body: Uint8Array): HttpRequest {
    const { method = 'POST', socketPath, ca, cert, key, headersOf } = this.#options
    const headers = headersOf === undefined ? this.#headers : withHeaders(this.#headers, headersOf(batch))
    const encoding = body === batch.bytes ? {} : { 'content-encoding': 'gzip' }
    const url = this.#url.href
    return { url, method, headers: { ...headers, ...encoding }, body, socketPath, tls: { ca, cert, key } }
  }

  #exchange(request: HttpRequest, abort: AbortSignal, agent: http.Agent | false): Promise<ExchangeOutcome> {
    const { maxResponseBytes = 4 * 1024 * 1024 } = this.#options
    const { method, body, socketPath, tls } = request
    const headers = { ...request.headers, 'content-length': String(body.byteLength) }
    const options = { method, headers, agent, socketPath, ...tls }
    return exchange({ start: this.#start, url: this.#url, options, body, maxResponseBytes, abort })
  }

  #safeText(error: unknown): string {
    return withoutSecrets(errorText(error), this.#rules.secrets)
  }
}

/** Values of headers that only `headers` has. */
function newValues(
  headers: Readonly<Record<string, string>>,
  before: Readonly<Record<string, string>>,
): string[] {
  const added = Object.entries(headers).filter(([name, value]) => before[name] !== value)
  return added.map(([, value]) => value).filter((value) => value.length >= SECRET_LENGTH)
}
