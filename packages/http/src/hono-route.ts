/** What is read of Hono's request. */
export interface RoutedRequest {
  /** Everything that matches the path, middlewares too, in the order it runs. */
  readonly matchedRoutes: readonly {
    readonly path: string
    readonly method: string
    readonly handler: unknown
  }[]
  /** Of the one that was entered last. */
  readonly routeIndex: number
}

/** The pattern of the handler that was entered last, mounts joined; `undefined` when only middlewares were (a 404). */
export function honoRoute({ matchedRoutes, routeIndex }: RoutedRequest): string | undefined {
  return matchedRoutes.slice(0, routeIndex + 1).findLast(isHandler)?.path
}

/** `app.use` is for all methods, as `app.all` is; a handler takes no `next`. */
function isHandler({ method, handler }: RoutedRequest['matchedRoutes'][number]): boolean {
  return method !== 'ALL' || (typeof handler === 'function' && handler.length < 2)
}
