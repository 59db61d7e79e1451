import type { ClientRequest, IncomingMessage } from 'node:http'
import { countFault } from '@hashira/core'
import type { ClientCall } from './client-call'

type Emit = (this: ClientRequest, event: string | symbol, ...args: unknown[]) => boolean
type Destroy = (this: ClientRequest, error?: Error) => ClientRequest

/**
 * Follows a request of `node:http` to its end.
 *
 * By its `emit`, not by listeners: a `response`, `upgrade` or `error` listener of ours would change what Node does when the
 * app has none (it drains the response, destroys the socket, throws). Contexts need no help: Node emits all of them in the
 * context of the call, queued requests and reused sockets included (20, 22, 24 and 26).
 */
export function followRequest(request: ClientRequest, call: ClientCall): void {
  const { emit, destroy } = request as unknown as { emit: Emit; destroy: Destroy }
  const followed = new FollowedRequest(request, call)
  override(request, 'emit', function (this: ClientRequest, event, ...args) {
    followed.observe(event, args[0])
    return emit.call(this, event, ...args)
  } satisfies Emit)
  // `destroy()` without an error is the app giving up; unseen, it would look like a connection that broke.
  override(request, 'destroy', function (this: ClientRequest, error) {
    if (error === undefined || error === null) followed.abandoned()
    return destroy.call(this, error)
  } satisfies Destroy)
}

function override(request: ClientRequest, name: 'emit' | 'destroy', value: Emit | Destroy): void {
  Object.defineProperty(request, name, { value, writable: true, configurable: true, enumerable: false })
}

class FollowedRequest {
  readonly #request: ClientRequest
  readonly #call: ClientCall
  #isAbandoned = false
  #isTimedOut = false

  constructor(request: ClientRequest, call: ClientCall) {
    this.#request = request
    this.#call = call
  }

  abandoned(): void {
    this.#isAbandoned ||= !this.#request.destroyed
  }

  /** An event that is about to be emitted. Never throws. */
  observe(event: string | symbol, argument: unknown): void {
    try {
      if (event === 'response') this.#follow(argument as IncomingMessage)
      else if (event === 'upgrade') {
        this.#respond(argument as IncomingMessage)
        this.#call.completed()
      } else if (event === 'timeout') this.#isTimedOut = true
      else if (event === 'error') this.#fail(argument)
      else if (event === 'close' && !this.#call.isAnswered) this.#call.completed()
    } catch {
      countFault('node_http')
    }
  }

  #respond(response: IncomingMessage): void {
    const { socket } = this.#request
    if (socket) this.#call.connected(socket)
    this.#call.responded(response.statusCode ?? 0, response.httpVersion)
  }

  #follow(response: IncomingMessage): void {
    this.#respond(response)
    response.once('close', () => {
      if (response.complete || !response.errored) this.#call.completed()
      else this.#fail(response.errored)
    })
  }

  #fail(error: unknown): void {
    if (!this.#isAbandoned) this.#call.failed(error)
    // Node only tells of a timeout; that the app then destroys the request makes it one.
    else if (this.#isTimedOut) this.#call.failed(error, 'timeout')
    else this.#call.completed()
  }
}
