import { isObserve, observe } from './observe'

/** What an app of Express 4 and 5 has, as far as it is needed to put a middleware in front of the others. */
interface ExpressApp {
  use(middleware: object): unknown
  readonly _router?: Router | undefined
  readonly router?: Router | undefined
}

interface Router {
  readonly stack: { readonly name?: string; readonly handle: object }[]
}

/** Of Express 4, in front of everything: they make the request and the response Express's own. */
const EXPRESS_INIT = ['query', 'expressInit']

/** Whether `value` is an Express app (4, 5): a function with an app's methods. */
export function isExpressApp(value: unknown): boolean {
  if (typeof value !== 'function') return false
  const app = value as unknown as Record<string, unknown>
  return ['use', 'handle', 'set', 'engine'].every((name) => typeof app[name] === 'function')
}

/**
 * `app.use(observe())` for an app that has its routes already: the middleware goes in front of them. For `hashira/register`, which
 * meets apps when they begin to listen. Does nothing to an app that is observed.
 */
export function observeApp(value: unknown): void {
  const app = value as ExpressApp
  if (stackOf(app)?.some(({ handle }) => isObserve(handle)) === true) return
  app.use(observe())
  const stack = stackOf(app)
  const layer = stack?.pop()
  if (stack === undefined || layer === undefined) return
  const isInit = ({ name }: { readonly name?: string }) => EXPRESS_INIT.includes(name ?? '')
  stack.splice(stack.findLastIndex(isInit) + 1, 0, layer)
}

/** Express 4 makes its router with the first `use`, and has a `router` that throws. */
function stackOf(app: ExpressApp): Router['stack'] | undefined {
  try {
    return (app._router ?? app.router)?.stack
  } catch {
    return undefined
  }
}
