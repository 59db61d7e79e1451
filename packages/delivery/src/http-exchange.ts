import http from 'node:http'
import https from 'node:https'
import type { HttpFailure } from './http-failure'

// As they are when this module is loaded: if Hashira's own instrumentation wrapped them before, it sees that tracing is
// suppressed; if it does so later, our requests don't pass it at all.
const { request: plainRequest } = http
const { request: secureRequest } = https

export interface HttpAnswer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  /** Cut at the limit. */
  readonly body: Buffer
  readonly truncated: boolean
}

export interface ExchangeOutcome {
  readonly answer?: HttpAnswer | undefined
  readonly failure?: (HttpFailure & { readonly reusedSocket: boolean }) | undefined
}

export interface Exchange {
  readonly url: URL
  readonly options: https.RequestOptions
  readonly body: Uint8Array
  readonly maxResponseBytes: number
  readonly abort: AbortSignal
}

/**
 * One request and its whole response. Never rejects. Its socket never keeps the process alive: a flush does that, with a
 * deadline.
 */
export function exchange({ url, options, body, maxResponseBytes, abort }: Exchange): Promise<ExchangeOutcome> {
  return new Promise((resolve) => {
    const send = url.protocol === 'https:' ? secureRequest : plainRequest
    const request = send(url, { ...options, signal: abort })
    const fail = (error: unknown) =>
      resolve({ failure: { error, sent: request.writableFinished, reusedSocket: request.reusedSocket } })
    request.on('socket', (socket) => socket.unref())
    request.on('error', fail)
    request.on('response', (response) => {
      readAnswer(response, maxResponseBytes).then((answer) => {
        resolve({ answer })
        // A backend that answers before it has read everything, or answers without end, does not get its socket back.
        if (answer.truncated || !request.writableFinished) request.destroy()
      }, fail)
    })
    request.end(body)
  })
}

function readAnswer(response: http.IncomingMessage, maxBytes: number): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const answer = (truncated: boolean) => {
      const body = Buffer.concat(chunks)
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body, truncated })
    }
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= maxBytes) return chunks.push(chunk)
      response.pause()
      return answer(true)
    })
    response.on('end', () => answer(false))
    response.on('error', reject)
  })
}
