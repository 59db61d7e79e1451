import type { IncomingMessage, ServerResponse } from 'node:http'
import { runInContext } from '@hashira/core'
import { createServerObserver, ensureStarted, findLogger, type ObserveOptions, operationOn } from './index'
import { followKoaRoutes } from './koa-route'

/** What Koa's context has that options use most; annotate a function's `context` as Koa's own for the rest. */
export interface ObservedContext {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly originalUrl: string
  readonly path: string
  readonly method: string
  readonly ip: string
  readonly headers: IncomingMessage['headers']
  // biome-ignore lint/suspicious/noExplicitAny: as in @types/koa
  readonly state: any
  get(name: string): string
}

export type KoaObserveOptions = ObserveOptions<ObservedContext, ObservedContext>

/** A middleware of Koa 2 and 3. */
export type Middleware = (context: ObservedContext, next: () => Promise<unknown>) => Promise<void>

/**
 * Traces and RED metrics for everything that is added to the app after it: `app.use(observe())` first. Routes are those of
 * `@koa/router`, nested ones and those below koa-mount as well. Starts Hashira from the environment unless `start()` was called.
 *
 * @throws HashiraError HASHIRA_OPTION_INVALID, HASHIRA_OPTION_UNKNOWN, HASHIRA_REGISTRY_INVALID
 */
export function observe(options?: KoaObserveOptions): Middleware {
  const observer = createServerObserver<ObservedContext, ObservedContext>('observe()', options, findLogger)
  ensureStarted('observe()')
  return function hashira(context, next) {
    const { req, res, originalUrl } = context
    const isFirst = operationOn(req)?.isAdopted !== true
    const entered = observer.begin(req, res, context, context, originalUrl)
    const operation = isFirst ? operationOn(req) : undefined
    if (operation === undefined) return runInContext(entered, next) as Promise<void>
    followKoaRoutes(context, (route) => operation.setRoute(route))
    return runInContext(entered, async () => {
      try {
        await next()
      } catch (error) {
        operation.passError(error)
        throw error
      }
    })
  }
}
