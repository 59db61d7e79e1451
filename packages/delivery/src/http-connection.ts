import type net from 'node:net'
import { cutOff } from './http-errors'
import type { HttpFailure } from './http-failure'
import { type HttpAnswer, HttpResponseParser } from './http-response-parser'
import type { TimeLimit } from './time-limit'

export interface HttpExchange {
  /** All that is before the body: {@link requestHead}. */
  readonly head: string
  readonly body: Uint8Array
  /** The answer has no body, whatever it says: HEAD. */
  readonly isBodiless?: boolean | undefined
  readonly maxResponseBytes: number
}

export interface ExchangeOutcome {
  readonly answer?: HttpAnswer | undefined
  /** `stale`: the backend had closed a kept connection that this request was the first to use again. */
  readonly failure?: (HttpFailure & { readonly stale: boolean }) | undefined
}

export interface ConnectionOwner {
  /** It may be used for another exchange. */
  onFree(connection: HttpConnection): void
  onClose(connection: HttpConnection): void
}

/** The exchange that a connection is in. */
interface Current {
  readonly parser: HttpResponseParser
  readonly limit: TimeLimit
  readonly done: (outcome: ExchangeOutcome) => void
  /** The operating system has all of the request. */
  sent: boolean
}

/**
 * One connection of HTTP/1.1, one exchange at a time (RFC 9112, 9). It never keeps the process alive: a flush does that, with a
 * deadline. The listeners of its socket are its own, not an exchange's: they are added once.
 */
export class HttpConnection {
  readonly #socket: net.Socket
  readonly #owner: ConnectionOwner
  readonly #onLimit = () => this.#giveUp()
  #current: Current | undefined
  #exchanges = 0
  #usableUntilMs = 0

  constructor(socket: net.Socket, owner: ConnectionOwner) {
    this.#socket = socket
    this.#owner = owner
    socket.unref()
    // Where a name has several addresses, each that is tried is a handle of its own.
    socket.on('connect', () => socket.unref())
    socket.on('data', (bytes: Buffer) => this.#onData(bytes))
    socket.on('end', () => this.#onEnd())
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => {
      this.#fail(cutOff(false))
      owner.onClose(this)
    })
  }

  /** Neither closed, nor about to be closed by the backend (`Keep-Alive: timeout=5`). */
  get usable(): boolean {
    return !this.#socket.destroyed && performance.now() < this.#usableUntilMs
  }

  /** One request and its whole response. `done` is called once, never within this call. */
  exchange(exchange: HttpExchange, limit: TimeLimit, done: (outcome: ExchangeOutcome) => void): void {
    const { head, body, isBodiless, maxResponseBytes } = exchange
    const parser = new HttpResponseParser(maxResponseBytes, isBodiless)
    const current = { parser, limit, done, sent: false }
    this.#current = current
    this.#exchanges++
    limit.listen(this.#onLimit)
    const socket = this.#socket
    // In one system call.
    socket.cork()
    socket.write(head, 'latin1')
    socket.write(body, (error) => {
      if (!error) current.sent = true
    })
    socket.uncork()
  }

  close(): void {
    this.#socket.destroy()
  }

  #onData(bytes: Buffer): void {
    const current = this.#current
    try {
      // What comes unasked is no answer to the next request.
      if (current === undefined) this.close()
      else if (current.parser.push(bytes)) this.#finish(current)
    } catch (error) {
      this.#fail(error)
    }
  }

  #onEnd(): void {
    const current = this.#current
    try {
      current?.parser.end()
      if (current !== undefined) this.#finish(current)
      this.close()
    } catch (error) {
      this.#fail(error)
    }
  }

  #giveUp(): void {
    // The backend has decided, it just doesn't finish: trying again would deliver everything twice, for ever.
    const answer = this.#current?.parser.answer
    if (answer === undefined) this.#fail(undefined)
    else this.#end({ answer })
  }

  #finish({ parser, sent }: Current): void {
    // A backend that answers before it has read everything does not get its connection back.
    const keepMs = sent ? parser.keepMs : 0
    this.#end({ answer: parser.answer }, keepMs)
  }

  #fail(error: unknown): void {
    const current = this.#current
    if (current === undefined) return
    const { sent, parser } = current
    const isReset = isResetCode((error as NodeJS.ErrnoException | undefined)?.code)
    this.#end({ failure: { error, sent, stale: isReset && !parser.begun && this.#exchanges > 1 } })
  }

  #end(outcome: ExchangeOutcome, keepMs = 0): void {
    const current = this.#current as Current
    this.#current = undefined
    current.limit.listen(undefined)
    if (keepMs > 0) {
      this.#usableUntilMs = performance.now() + keepMs
      this.#owner.onFree(this)
    } else this.close()
    current.done(outcome)
  }
}

function isResetCode(code: string | undefined): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE'
}
