import type { IncomingMessage, ServerResponse } from 'node:http'
import { runInContext } from '@hashira/core'
import { fetchExchange } from './fetch-exchange'
import { honoRoute, type RoutedRequest } from './hono-route'
import { createServerObserver, ensureStarted, findLogger, type ObserveOptions, operationOn } from './index'

/** What Hono's context has that options use most; annotate a function's `context` as Hono's own for the rest. */
export interface ObservedContext {
  readonly req: RoutedRequest & {
    readonly raw: Request
    readonly url: string
    readonly path: string
    readonly method: string
    header(name: string): string | undefined
  }
  readonly res: Response
  readonly error: Error | undefined
  // biome-ignore lint/suspicious/noExplicitAny: as Hono's own
  readonly env: any
  // biome-ignore lint/suspicious/noExplicitAny: as Hono's own
  get(key: string): any
}

export type HonoObserveOptions = ObserveOptions<ObservedContext, ObservedContext>

/** A middleware of Hono 4. */
// biome-ignore lint/suspicious/noConfusingVoidType: as Hono's own type has it
export type Middleware = (context: ObservedContext, next: () => Promise<void>) => Promise<Response | void>

/**
 * Traces and RED metrics for everything that is added to the app after it: `app.use(observe())` first. On `@hono/node-server` a
 * request ends with its response; by `app.fetch` alone, where nobody tells when a body has been sent, when its handlers have
 * returned. Starts Hashira from the environment unless `start()` was called.
 *
 * @throws HashiraError HASHIRA_OPTION_INVALID, HASHIRA_OPTION_UNKNOWN, HASHIRA_REGISTRY_INVALID
 */
export function observe(options?: HonoObserveOptions): Middleware {
  const observer = createServerObserver<ObservedContext, ObservedContext>('observe()', options, findLogger)
  ensureStarted('observe()')
  return async function hashira(context, next) {
    let isAnswered = false
    const node = nodeExchange(context.env)
    const [request, response] =
      node ?? fetchExchange(context.req.raw, () => (isAnswered ? context.res : undefined))
    const isFirst = operationOn(request)?.isAdopted !== true
    const entered = observer.begin(request, response, context, context, request.url ?? context.req.url)
    const operation = isFirst ? operationOn(request) : undefined
    try {
      await runInContext(entered, next)
      isAnswered = true
    } finally {
      if (operation?.isOver === false) {
        operation.setRoute(honoRoute(context.req))
        // `@hono/node-server` writes them past Node's own list.
        operation.responseHeader = (name) => context.res.headers.get(name)
        if (context.error !== undefined) operation.passError(context.error)
        if (node === undefined) operation.endWith(isAnswered ? context.res.status : 500)
      }
    }
  }
}

/** What `@hono/node-server` puts into the environment of a request. */
function nodeExchange(env: unknown): [IncomingMessage, ServerResponse] | undefined {
  const { incoming, outgoing } = (env ?? {}) as { incoming?: IncomingMessage; outgoing?: ServerResponse }
  const isNode = typeof incoming?.headers === 'object' && typeof outgoing?.writeHead === 'function'
  return isNode ? [incoming, outgoing] : undefined
}
