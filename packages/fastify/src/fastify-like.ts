import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EmittingServer } from '@hashira/http'

/** What this plugin needs of a Fastify instance: the part that Fastify 4 and 5 have in common. */
export interface InstanceLike {
  readonly version: string
  readonly log: unknown
  readonly server: EmittingServer
  addHook(
    name: 'onRequest',
    hook: (request: RequestLike, reply: ReplyLike, done: () => void) => void,
  ): unknown
  addHook(
    name: 'onError',
    hook: (request: RequestLike, reply: ReplyLike, error: unknown, done: () => void) => void,
  ): unknown
  addHook(name: 'onRoute', hook: (route: { config?: object | undefined }) => void): unknown
}

export interface RequestLike {
  readonly raw: IncomingMessage
  readonly originalUrl: string
  readonly id: unknown
  readonly ip: string
  readonly headers: IncomingMessage['headers']
  // biome-ignore lint/suspicious/noExplicitAny: depends on the route, as in Fastify's own types
  readonly params: any
  // biome-ignore lint/suspicious/noExplicitAny: depends on the route, as in Fastify's own types
  readonly query: any
  readonly routeOptions: { readonly url?: string | undefined; readonly config?: unknown }
}

export interface ReplyLike {
  readonly raw: ServerResponse
  readonly statusCode: number
}
