import type { IncomingMessage, ServerResponse } from 'node:http'

/** A Request of the Fetch standard as an observer reads requests. The protocol's version is not known there. */
class FetchRequest {
  readonly httpVersion = ''
  readonly httpVersionMajor = 0
  readonly httpVersionMinor = 0
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly socket: { readonly encrypted: boolean }

  constructor(request: Request) {
    const { protocol, host } = new URL(request.url)
    this.method = request.method
    this.url = request.url
    this.headers = { host, ...Object.fromEntries(request.headers) }
    this.socket = { encrypted: protocol === 'https:' }
  }
}

/** The response to come; it is there when the request's handlers have returned. */
class FetchResponse {
  readonly destroyed = false
  readonly #response: () => Response | undefined

  constructor(response: () => Response | undefined) {
    this.#response = response
  }

  get headersSent(): boolean {
    return this.#response() !== undefined
  }

  get statusCode(): number {
    return this.#response()?.status ?? 0
  }
}

/** Both, in the shape that an observer takes. */
export function fetchExchange(
  request: Request,
  response: () => Response | undefined,
): [IncomingMessage, ServerResponse] {
  return [
    new FetchRequest(request) as unknown as IncomingMessage,
    new FetchResponse(response) as unknown as ServerResponse,
  ]
}
