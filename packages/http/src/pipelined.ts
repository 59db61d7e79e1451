import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { ServerOperation } from './server-operation'

const WAITING = Symbol('hashira.pipelined')

interface Waiting {
  readonly operations: Set<ServerOperation>
  readonly onClose: () => void
}

type WatchedSocket = Socket & { [WAITING]?: Waiting | undefined }

/**
 * A pipelined request whose turn has not come has no socket, so its response would never hear that the connection is gone.
 * One listener serves all that wait on a connection (Node warns of more than ten), and goes with the last of them.
 */
export function watchPipelined(request: IncomingMessage, operation: ServerOperation): void {
  const socket: WatchedSocket | null = request.socket
  if (typeof socket?.on !== 'function') return
  socket[WAITING] ??= watchSocket(socket)
  socket[WAITING].operations.add(operation)
  operation.release = () => release(socket, operation)
}

function watchSocket(socket: WatchedSocket): Waiting {
  const operations = new Set<ServerOperation>()
  const onClose = () => {
    for (const operation of [...operations]) operation.responseIs('closed')
  }
  socket.on('close', onClose)
  return { operations, onClose }
}

function release(socket: WatchedSocket, operation: ServerOperation): void {
  const waiting = socket[WAITING]
  if (waiting === undefined) return
  waiting.operations.delete(operation)
  if (waiting.operations.size > 0) return
  socket.removeListener('close', waiting.onClose)
  socket[WAITING] = undefined
}
