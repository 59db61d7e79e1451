import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ServerOperation } from './server-operation'
import { HandshakeResponse } from './servers/handshake-response'

/**
 * An upgraded connection lives on after its request, so the request is over when the handshake is written, which a websocket
 * library does on the bare socket: its `write` and `end` are watched until the first line of an HTTP response passes.
 */
export function watchHandshake(
  request: IncomingMessage,
  response: ServerResponse,
  operation: ServerOperation,
): void {
  const socket = (response.socket ?? request.socket) as Socket | undefined
  if (socket === undefined || socket === null) return
  if (isAnsweredBefore(request, response, socket)) {
    // The library answered before the app saw the request (express-ws): over as soon as its handler has been called.
    setImmediate(() => operation.endWith(101))
    return
  }
  watchFirstWrite(socket, operation, response instanceof HandshakeResponse)
}

function isAnsweredBefore(request: IncomingMessage, response: ServerResponse, socket: Socket): boolean {
  const upgraded = (request as { upgrade?: unknown }).upgrade === true
  return upgraded && response.socket === null && socket.bytesWritten > 0
}

type Write = (this: Socket, ...args: unknown[]) => unknown

function watchFirstWrite(socket: Socket, operation: ServerOperation, isBare: boolean): void {
  const methods = socket as unknown as Record<'write' | 'end', Write>
  const restores = [wrap('write'), wrap('end')]
  let seen = false

  function wrap(name: 'write' | 'end'): () => void {
    const isOwn = Object.hasOwn(socket, name)
    const method = methods[name]
    const wrapped: Write = function (...args) {
      const result = method.apply(this, args)
      if (!seen) {
        seen = true
        for (const restore of restores) restore()
        tell(operation, args[0], isBare)
      }
      return result
    }
    methods[name] = wrapped
    return () => {
      if (methods[name] !== wrapped) return
      if (isOwn) methods[name] = method
      else Reflect.deleteProperty(socket, name)
    }
  }
}

/** @param isBare whether nobody else tells when the answer is over: it is, for us, with its first line */
function tell(operation: ServerOperation, chunk: unknown, isBare: boolean): void {
  const status = statusOf(chunk)
  if (status === 101 || (isBare && status !== undefined)) operation.endWith(status)
  else if (status !== undefined) operation.handshakeStatus = status
}

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})/

function statusOf(chunk: unknown): number | undefined {
  if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return undefined
  const start =
    typeof chunk === 'string' ? chunk.slice(0, 12) : Buffer.from(chunk.subarray(0, 12)).toString('latin1')
  const match = STATUS_LINE.exec(start)
  return match === null ? undefined : Number(match[1])
}
