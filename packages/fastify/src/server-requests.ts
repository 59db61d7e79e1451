import type { IncomingMessage, ServerResponse } from 'node:http'
import { runInContext } from '@hashira/core'
import type { Context } from '@opentelemetry/api'

export interface ServerLike {
  emit(...args: unknown[]): boolean
}

/**
 * Calls `begin` when the server hears of a request and runs all that follows in the context it returns. Fastify writes its
 * `incoming request` line, and answers a path that cannot be decoded, before any hook of a plugin is called.
 * Servers that Fastify adds later (for the second address of `localhost`) and `app.inject()` do not pass here.
 */
export function observeServer(
  server: ServerLike,
  begin: (request: IncomingMessage, response: ServerResponse) => Context,
): void {
  const emit = server.emit
  server.emit = function (this: ServerLike, ...args: unknown[]): boolean {
    if (args[0] !== 'request') return emit.apply(this, args)
    const context = begin(args[1] as IncomingMessage, args[2] as ServerResponse)
    return runInContext(context, () => emit.apply(this, args))
  }
}
