import type { IncomingMessage, ServerResponse } from 'node:http'
import { callInContext } from '@hashira/core'
import { type EmittingServer, observeServer, operationOn, type ServerObserver } from './index'

// biome-ignore lint/suspicious/noExplicitAny: the requests of two platforms
type NestObserver = ServerObserver<any, any>

/** What is needed of Nest's HTTP adapter. */
export interface NestHttpAdapter {
  getType(): string
  getHttpServer(): EmittingServer
  getInstance(): unknown
}

interface ExpressApp {
  use(middleware: (request: ExpressRequest, response: ServerResponse, next: () => void) => void): unknown
}

interface ExpressRequest extends IncomingMessage {
  readonly originalUrl: string
  readonly baseUrl?: string
  readonly route?: { readonly path?: unknown } | undefined
}

interface FastifyApp {
  addHook(
    name: 'onRequest',
    hook: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void,
  ): unknown
}

interface FastifyRequest {
  readonly raw: IncomingMessage
  readonly originalUrl: string
  readonly routeOptions: { readonly url?: string | undefined }
}

interface FastifyReply {
  readonly raw: ServerResponse
}

/**
 * Observes the server of a Nest app from its first event, and lets the platform say which route matched. Called before Nest
 * registers any route. Returns what undoes it.
 */
export function observeNest(adapter: NestHttpAdapter, observer: NestObserver): () => void {
  const undo = observeServer(adapter.getHttpServer(), observer)
  if (adapter.getType() === 'fastify') followFastify(adapter.getInstance() as FastifyApp, observer)
  else followExpress(adapter.getInstance() as ExpressApp, observer)
  return undo
}

function followFastify(app: FastifyApp, observer: NestObserver): void {
  app.addHook('onRequest', (request, reply, done) => {
    const context = observer.begin(request.raw, reply.raw, request, reply, request.originalUrl)
    operationOn(request.raw)?.setRoute(request.routeOptions.url)
    callInContext(context, done as (argument: undefined) => void, undefined)
  })
}

/** Express sets `request.route` when it enters a route, and nothing tells; it is read when the operation asks. */
function followExpress(app: ExpressApp, observer: NestObserver): void {
  app.use((request, response, next) => {
    const context = observer.begin(request, response, request, response, request.originalUrl)
    const operation = operationOn(request)
    if (operation?.isOver === false) operation.routeSource = () => expressRoute(request)
    callInContext(context, next as (argument: undefined) => void, undefined)
  })
}

/** Routes of controllers begin with a slash; what Nest answers 404 by is `*path` below the prefix. */
function expressRoute({ route, baseUrl = '' }: ExpressRequest): string | undefined {
  const path = route?.path
  return typeof path === 'string' && path.startsWith('/') ? baseUrl + path : undefined
}
