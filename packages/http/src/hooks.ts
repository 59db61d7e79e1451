import { countFault, ignoreRejection, runInContext } from '@hashira/core'
import type { ResolvedObserveOptions } from './observe-options'
import type { ServerOperation } from './server-operation'

/** The functions among an observer's options. They run in the request's context. What they throw or reject with is counted and goes no further. */
export class Hooks<Request, Response> {
  readonly #onRequest: ResolvedObserveOptions['onRequest']
  readonly #onResponse: ResolvedObserveOptions['onResponse']
  readonly #isError: ResolvedObserveOptions['isError']

  constructor({ onRequest, onResponse, isError }: ResolvedObserveOptions) {
    this.#onRequest = onRequest
    this.#onResponse = onResponse
    this.#isError = isError
  }

  onRequest({ context, span }: ServerOperation, request: Request): void {
    const hook = this.#onRequest
    if (hook === undefined) return
    try {
      ignoreRejection(
        runInContext(context, () => hook(span, request)),
        'on_request',
      )
    } catch {
      countFault('on_request')
    }
  }

  onResponse({ context, span }: ServerOperation, request: Request, response: Response): void {
    const hook = this.#onResponse
    if (hook === undefined) return
    try {
      ignoreRejection(
        runInContext(context, () => hook(span, request, response)),
        'on_response',
      )
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
