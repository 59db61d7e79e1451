/** What is read of a Koa context; Koa 2 and 3, with @koa/router or koa-router beside it. */
export interface RoutedContext {
  readonly originalUrl: string
  readonly path: string
  /** The layers of the router that match. */
  readonly matched?: readonly { readonly path: unknown; readonly methods: readonly string[] }[]
  /** Set by koa-mount. */
  readonly mountPath?: string
  _matchedRoute?: unknown
}

/**
 * Tells `found` the pattern of each route that a router enters for `context`. Routers leave it in `_matchedRoute`, without the
 * mount that they are below, which is known only while they run: so it is heard when they set it.
 */
export function followKoaRoutes(context: RoutedContext, found: (route: string) => void): void {
  let matched: unknown
  Object.defineProperty(context, '_matchedRoute', {
    configurable: true,
    enumerable: true,
    get: () => matched,
    set(path: unknown) {
      matched = path
      if (isRoute(context, path)) found(mountOf(context) + String(path))
    },
  })
}

/** A router also leaves the patterns of its middlewares there, on the way to the route. */
function isRoute({ matched }: RoutedContext, path: unknown): boolean {
  if (typeof path !== 'string' && !(path instanceof RegExp)) return false
  const layers = matched?.filter((layer) => layer.path === path) ?? []
  return layers.length === 0 || layers.some(({ methods }) => methods.length > 0)
}

/** What koa-mount took from the front of the path: its prefixes are texts, so they are no user's data. */
function mountOf({ originalUrl, path, mountPath }: RoutedContext): string {
  if (mountPath === undefined) return ''
  const [original = ''] = originalUrl.split('?', 1)
  const isExact = path === '/' && !original.endsWith('/')
  if (!isExact && !original.endsWith(path)) return ''
  const prefix = isExact ? original : original.slice(0, original.length - path.length)
  return prefix.endsWith(mountPath.replace(/\/$/, '')) ? prefix : ''
}
