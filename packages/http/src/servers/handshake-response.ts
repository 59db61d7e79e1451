import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/**
 * In place of the response that Node makes none of for 'upgrade' and 'connect': whoever listens to these answers on the bare
 * socket, so all that is known of the answer is what passes there.
 */
export class HandshakeResponse {
  readonly socket: Duplex
  readonly headersSent = false
  readonly statusCode = 0
  readonly writableEnded = false

  constructor(socket: Duplex) {
    this.socket = socket
  }

  get destroyed(): boolean {
    return this.socket.destroyed
  }

  getHeader(): undefined {
    return undefined
  }

  /** It has what an operation reads of a response. */
  static on(socket: Duplex): ServerResponse {
    return new HandshakeResponse(socket) as unknown as ServerResponse
  }
}
