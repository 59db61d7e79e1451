import type { Batch, HttpRequest } from '@hashira/core'
import type { HttpTransportOptions } from './http-transport-options'
import { beforeAbort } from './time-limit'

/** AWS takes a signature for five minutes. */
const FRESH_MS = 4 * 60_000

/**
 * Signs requests, and remembers each for as long as its batch is there: signing is asynchronous, so at the exit of the process
 * the latest signed form is all there is.
 */
export class SignedRequests {
  readonly #sign: NonNullable<HttpTransportOptions['sign']>
  readonly #latest = new WeakMap<Batch, { readonly request: HttpRequest; readonly atMs: number }>()

  constructor(sign: NonNullable<HttpTransportOptions['sign']>) {
    this.#sign = sign
  }

  /** Rejects with what the signer throws, and when it has not answered before `abort`. */
  async sign(batch: Batch, request: HttpRequest, abort: AbortSignal): Promise<HttpRequest> {
    const more = await beforeAbort(this.#sign(request), abort, 'no signature')
    const signed = { ...request, headers: { ...request.headers, ...more } }
    this.#latest.set(batch, { request: signed, atMs: performance.now() })
    return signed
  }

  recent(batch: Batch): HttpRequest | undefined {
    const latest = this.#latest.get(batch)
    return latest !== undefined && performance.now() - latest.atMs < FRESH_MS ? latest.request : undefined
  }
}
