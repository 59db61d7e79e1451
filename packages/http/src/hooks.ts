import { countFault, ignoreRejection } from '@hashira/core'
import type { HashiraSpan } from '@hashira/tracing'
import type { ResolvedObserveOptions } from './observe-options'

/** The functions among an observer's options. What they throw or reject with is counted and goes no further. */
export class Hooks<Request, Response> {
  readonly #onRequest: ResolvedObserveOptions['onRequest']
  readonly #onResponse: ResolvedObserveOptions['onResponse']
  readonly #isError: ResolvedObserveOptions['isError']

  constructor({ onRequest, onResponse, isError }: ResolvedObserveOptions) {
    this.#onRequest = onRequest
    this.#onResponse = onResponse
    this.#isError = isError
  }

  onRequest(span: HashiraSpan, request: Request): void {
    if (this.#onRequest === undefined) return
    try {
      ignoreRejection(this.#onRequest(span, request), 'on_request')
    } catch {
      countFault('on_request')
    }
  }

  onResponse(span: HashiraSpan, request: Request, response: Response): void {
    if (this.#onResponse === undefined) return
    try {
      ignoreRejection(this.#onResponse(span, request, response), 'on_response')
    } catch {
      countFault('on_response')
    }
  }

  /** Whether a response with `status` is an error; default 500 and above. */
  isError(status: number, request: Request): boolean {
    if (this.#isError === undefined) return status >= 500
    try {
      const result: unknown = this.#isError(status, request)
      if (!ignoreRejection(result, 'is_error')) return result === true
    } catch {
      // Counted below.
    }
    countFault('is_error')
    return status >= 500
  }
}
