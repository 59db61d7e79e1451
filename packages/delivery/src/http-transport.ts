import { promisify } from 'node:util'
import type { Batch, HttpRequest, SendResult, Transport } from '@hashira/core'
import { errorText } from './error-text'
import { HttpConnections } from './http-connections'
import { failureResult, type HttpFailure } from './http-failure'
import { requestHead, withLength } from './http-request-head'
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
import { TimeLimit } from './time-limit'

/** Sends batches over connections of its own, kept alive, that nothing of the app's is told of: {@link HttpConnections}. */
export class HttpTransport implements Transport {
  readonly destination: string
  readonly timeoutMs: number
  readonly #url: URL
  readonly #options: HttpTransportOptions
  readonly #headers: Readonly<Record<string, string>>
  readonly #connections: HttpConnections
  readonly #compress: ((bytes: Uint8Array) => Promise<Uint8Array>) | undefined
  readonly #rules: ResponseRules
  readonly #signed: SignedRequests | undefined
  #fixedHead: string | undefined

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
    if (url.protocol === 'https:') checkPem(options)
    const { socketPath, ca, cert, key } = options
    this.#connections = new HttpConnections({ url, socketPath, ca, cert, key })
    if (options.compression === 'gzip') this.#compress = promisify(process.getBuiltinModule('node:zlib').gzip)
    if (options.sign !== undefined) this.#signed = new SignedRequests(options.sign)
  }

  async send(batch: Batch, abort: AbortSignal): Promise<SendResult> {
    const limit = new TimeLimit(this.timeoutMs, abort)
    try {
      return await this.#sendWithin(batch, limit)
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
    this.#connections.close()
  }

  async #sendWithin(batch: Batch, limit: TimeLimit): Promise<SendResult> {
    const body = this.#compress === undefined ? batch.bytes : await this.#compress(batch.bytes)
    let rules = this.#rules
    let head: string
    if (this.#signed === undefined) head = this.#headOf(batch)
    else {
      const request = this.#request(batch, body)
      let signed: HttpRequest
      try {
        signed = await this.#signed.sign(batch, request, limit.signal)
      } catch (error) {
        return { outcome: 'retry', reason: 'signing', message: this.#safeText(error) }
      }
      // AWS repeats signatures and session tokens in its errors.
      rules = { ...rules, secrets: [...rules.secrets, ...newValues(signed.headers, request.headers)] }
      head = requestHead(signed.method, this.#url, signed.headers)
    }
    const { maxResponseBytes = 4 * 1024 * 1024 } = this.#options
    const exchange = { head: withLength(head, body.byteLength), body, maxResponseBytes }
    const { answer, failure } = await this.#connections.exchange(exchange, limit)
    return answer === undefined ? failed(failure, limit.isOver) : answerResult(answer, rules, batch)
  }

  /** Made once, unless a batch has headers of its own. */
  #headOf(batch: Batch): string {
    if (this.#fixedHead !== undefined) return this.#fixedHead
    const { method = 'POST', headersOf } = this.#options
    const head = requestHead(method, this.#url, this.#headersOf(batch, this.#compress !== undefined))
    if (headersOf === undefined) this.#fixedHead = head
    return head
  }

  #headersOf(batch: Batch, isCompressed: boolean): Readonly<Record<string, string>> {
    const { headersOf } = this.#options
    const headers = headersOf === undefined ? this.#headers : withHeaders(this.#headers, headersOf(batch))
    return isCompressed ? { ...headers, 'content-encoding': 'gzip' } : headers
  }

  #request(batch: Batch, body: Uint8Array): HttpRequest {
    const { method = 'POST', socketPath, ca, cert, key } = this.#options
    const headers = this.#headersOf(batch, body !== batch.bytes)
    return { url: this.#url.href, method, headers, body, socketPath, tls: { ca, cert, key } }
  }

  #safeText(error: unknown): string {
    return withoutSecrets(errorText(error), this.#rules.secrets)
  }
}

function failed(failure: HttpFailure | undefined, isLate: boolean): SendResult {
  const { error, sent } = failure ?? { error: undefined, sent: false }
  if (!isLate) return failureResult({ error, sent })
  return { outcome: 'retry', reason: sent ? 'timeout_after_send' : 'timeout', message: 'no answer in time' }
}

/** Values of headers that only `headers` has. */
function newValues(
  headers: Readonly<Record<string, string>>,
  before: Readonly<Record<string, string>>,
): string[] {
  const added = Object.entries(headers).filter(([name, value]) => before[name] !== value)
  return added.map(([, value]) => value).filter((value) => value.length >= SECRET_LENGTH)
}
