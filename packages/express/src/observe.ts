import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  callInContext,
  describe,
  HashiraError,
  hookIsLive,
  rootContext,
  suppressTracing,
} from '@hashira/core'
import { createServerObserver, type ObserveOptions, operationOn } from '@hashira/http'
import { logger } from '@hashira/logs'
import { ensureStarted } from 'hashira'
import type { ExpressRequest } from './layer'
import { followRoutes, trackLayersOf } from './track-layers'

/** A middleware of Express 4 and 5. */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

export interface Observe {
  /**
   * Traces, RED metrics and correlated logs for everything that is added to the app after it: `app.use(observe())` first.
   * Starts Hashira from the environment unless `start()` was called.
   *
   * @throws HashiraError HASHIRA_OPTION_INVALID, HASHIRA_OPTION_UNKNOWN, HASHIRA_REGISTRY_INVALID
   */
  (options?: ExpressObserveOptions): Middleware
  /** A middleware for routes that are not observed: no span, no metric, no children. */
  readonly off: Middleware
  /**
   * A middleware that names the route of handlers that have no pattern of their own: `observe.route('/graphql')`.
   *
   * @throws HashiraError HASHIRA_OPTION_INVALID
   */
  route(name: string): Middleware
}

/** What Express adds to a request and options use most; annotate a function's `request` as Express' own for the rest. */
export interface ObservedRequest extends IncomingMessage {
  readonly originalUrl: string
  readonly baseUrl: string
  readonly path: string
  readonly ip?: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: as in @types/express
  readonly params: any
  // biome-ignore lint/suspicious/noExplicitAny: as in @types/express
  readonly query: any
  get(name: string): string | undefined
}

const OBSERVE = Symbol.for('hashira.express.observe')

/** Whether a handler is what `observe()` made, of this copy or another. */
export function isObserve(handler: object): boolean {
  return OBSERVE in handler
}

export type ExpressObserveOptions = ObserveOptions<ObservedRequest, ServerResponse>

function createMiddleware(options?: ExpressObserveOptions): Middleware {
  const observer = createServerObserver<ObservedRequest, ServerResponse>('observe()', options, () => logger)
  ensureStarted()
  hookIsLive('express')
  let trackedApp: unknown
  return Object.assign(hashira, { [OBSERVE]: true })

  function hashira(
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ): void {
    const { originalUrl, url } = request as ExpressRequest
    // A server that is observed itself began the request early; its routes are for the first of us to follow.
    const isFirst = operationOn(request)?.isAdopted !== true
    const context = observer.begin(
      request,
      response,
      request as ObservedRequest,
      response,
      originalUrl ?? url ?? '/',
    )
    const operation = isFirst ? operationOn(request) : undefined
    if (operation !== undefined) {
      const { app } = request as ExpressRequest
      if (app !== trackedApp) trackLayersOf(app)
      trackedApp = app
      followRoutes(request, operation)
    }
    callInContext(context, next as (argument: undefined) => void, undefined)
  }
}

function off(request: IncomingMessage, _response: ServerResponse, next: (error?: unknown) => void): void {
  const suppressed = suppressTracing(rootContext)
  operationOn(request)?.discard(suppressed)
  callInContext(suppressed, next as (argument: undefined) => void, undefined)
}

function route(name: string): Middleware {
  if (typeof name !== 'string' || name === '') {
    throw new HashiraError(
      'HASHIRA_OPTION_INVALID',
      `observe.route(): the name is ${describe(name)}, allowed is a text that is not empty`,
    )
  }
  return function hashiraRoute(request, _response, next) {
    operationOn(request)?.nameRoute(name)
    next()
  }
}

export const observe: Observe = Object.assign(createMiddleware, { off, route })
