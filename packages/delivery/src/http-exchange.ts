import type http from 'node:http'
import type https from 'node:https'
import type { HttpFailure } from './http-failure'

export interface HttpAnswer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  /** Cut at the limit of size or time. */
  readonly body: Buffer
  readonly truncated: boolean
}

export interface ExchangeOutcome {
  readonly answer?: HttpAnswer | undefined
  readonly failure?: (HttpFailure & { readonly stale: boolean }) | undefined
}

export interface Exchange {
  /** `request` of `node:http` or `node:https`. */
  readonly start: typeof https.request
  readonly url: URL
  readonly options: https.RequestOptions
  readonly body: Uint8Array
  readonly maxResponseBytes: number
  readonly abort: AbortSignal
}

/**
 * One request and its whole response. Its socket never keeps the process alive: a flush does that, with a deadline.
 * Rejects only when the request can't even be made.
 */
export function exchange(options: Exchange): Promise<ExchangeOutcome> {
  return new Promise((resolve) => {
    const request = options.start(options.url, { ...options.options, signal: options.abort })
    // `writableFinished` is also true of a request that was destroyed before it had a socket.
    let sent = false
    let answering = false
    const fail = (error: unknown, stale: boolean) => resolve({ failure: { error, sent, stale } })
    request.on('finish', () => {
      sent = true
    })
    request.on('socket', (socket) => socket.unref())
    // Once an answer has begun, it tells of errors itself.
    request.on('error', (error) => answering || fail(error, isStale(request, error)))
    request.on('response', (response) => {
      answering = true
      readAnswer(response, options.maxResponseBytes, options.abort).then(
        (answer) => {
          resolve({ answer })
          // A backend that answers before it has read everything, or answers without end, does not get its socket back.
          if (answer.truncated || !sent) request.destroy()
        },
        (error) => fail(error, false),
      )
    })
    request.end(options.body)
  })
}

/** The backend had closed a kept socket that this request was the first to use again. */
function isStale(request: http.ClientRequest, { code }: NodeJS.ErrnoException): boolean {
  return request.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE')
}

function readAnswer(
  response: http.IncomingMessage,
  maxBytes: number,
  abort: AbortSignal,
): Promise<HttpAnswer> {
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
    // The backend has decided, it just doesn't finish: trying again would deliver everything twice, for ever.
    response.on('error', (error) => (abort.aborted ? answer(true) : reject(error)))
  })
}
