import type { IncomingMessage, ServerResponse } from 'node:http'
import { watchPipelined } from './pipelined'
import type { ServerOperation } from './server-operation'
import { watchHandshake } from './upgrade'
import { watch } from './watch'

/** Watches request and response, and what the response's own events do not tell. */
export function watchExchange(
  request: IncomingMessage,
  response: ServerResponse,
  operation: ServerOperation,
  isUpgrade: boolean,
): void {
  watch(request, response, operation)
  if (response.destroyed === true) {
    operation.responseIs('closed')
    return
  }
  if (request.httpVersionMajor !== 1) return
  if (isUpgrade) watchHandshake(request, response, operation)
  else if (response.socket === null) watchPipelined(request, operation)
}
