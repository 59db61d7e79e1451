import type { IncomingMessage, ServerResponse } from 'node:http'

export type Next = (error?: unknown) => void
export type RoutePath = string | RegExp | readonly RoutePath[]

/** What Express 4 (`lib/router/layer.js`) and `router` 2 (Express 5, `lib/layer.js`) have in common, and what each has alone. */
export interface Layer {
  readonly handle: ((...args: unknown[]) => unknown) & { readonly stack?: readonly Layer[] }
  /** Set on layers that stand for a route; own and `undefined` on those of `use`; missing inside of a route. */
  readonly route?: { readonly path: RoutePath } | undefined
  /** Own on the layers inside of a route. */
  readonly method?: string | undefined
  /** router ≥ 2.3: the path as the app declared it. */
  readonly rawPath?: RoutePath | undefined
  /** router 2: one matcher per path. */
  readonly matchers?: readonly Matcher[] | undefined
  /** Express 4: compiled by path-to-regexp 0.1. */
  readonly regexp?: (RegExp & { readonly fast_slash?: boolean; readonly fast_star?: boolean }) | undefined
  readonly keys?: readonly { readonly name: string | number }[] | undefined
  /** What it matched last, of whichever request; not in router ≥ 2.3, */
  readonly path?: string | undefined
  /** which returns it. */
  match?(path: string): boolean | null | undefined | { readonly path: string }
  /** router 2: mounted at `/`. */
  readonly slash?: boolean | undefined
}

export interface Matcher {
  readonly name: string
  (path: string): { readonly path: string; readonly params: Readonly<Record<string, unknown>> } | false
}

export type LayerConstructor = new (path: unknown, options: object, fn: () => void) => Layer

export interface ExpressRequest extends IncomingMessage {
  readonly originalUrl?: string
  readonly baseUrl?: string
  readonly app?: unknown
  /** The route that was matched last. */
  readonly route?: { readonly path: RoutePath } | undefined
}

export type HandleRequest = (
  this: Layer,
  request: ExpressRequest,
  response: ServerResponse,
  next: Next,
) => void

export type HandleError = (
  this: Layer,
  error: unknown,
  request: ExpressRequest,
  response: ServerResponse,
  next: Next,
) => void

export function constructorOf(layer: Layer): LayerConstructor {
  return layer.constructor as LayerConstructor
}
