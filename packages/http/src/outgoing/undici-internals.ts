type Prototype = Record<string, unknown>

/** Prototypes of undici's own classes, of every copy that can be found. */
export interface UndiciInternals {
  /** DispatcherBase: has `dispatch`. */
  readonly dispatchers: ReadonlySet<Prototype>
  /** FixedQueue, of calls that wait in a pool: has `push`. */
  readonly queues: ReadonlySet<Prototype>
}

/** Under which undici leaves the dispatcher of `fetch`: 5 to 7 and Node's own the first, 8 the second. */
const GLOBAL_DISPATCHERS = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')]

const DISPATCHER_BASE = /[\\/]lib[\\/](?:dispatcher[\\/])?dispatcher-base\.js$/
const FIXED_QUEUE = /[\\/]lib[\\/](?:dispatcher|node)[\\/]fixed-queue\.js$/

/**
 * By the global dispatchers (Node's own undici, bundled ones), and by the cache of `require`: undici is CommonJS in every
 * version, so its files are there also when it was imported.
 */
export function undiciInternals(): UndiciInternals {
  const dispatchers = new Set<Prototype>()
  const queues = new Set<Prototype>()
  for (const key of GLOBAL_DISPATCHERS) {
    const prototype = dispatcherBaseOf((globalThis as Record<symbol, unknown>)[key])
    if (prototype !== undefined) dispatchers.add(prototype)
  }
  // A bundle may be without either.
  const cache =
    typeof require === 'undefined' ? undefined : (require.cache as NodeJS.Dict<NodeJS.Module> | undefined)
  for (const path in cache ?? {}) {
    if (DISPATCHER_BASE.test(path)) add(dispatchers, cache?.[path]?.exports, 'dispatch')
    else if (FIXED_QUEUE.test(path)) add(queues, cache?.[path]?.exports, 'push')
  }
  return { dispatchers, queues }
}

function add(found: Set<Prototype>, exported: unknown, method: string): void {
  const prototype = typeof exported === 'function' ? (exported.prototype as unknown) : undefined
  if (hasOwnMethod(prototype, method)) found.add(prototype)
}

function hasOwnMethod(owner: unknown, name: string): owner is Prototype {
  if (typeof owner !== 'object' || owner === null) return false
  return typeof Object.getOwnPropertyDescriptor(owner, name)?.value === 'function'
}

/** What extends Dispatcher, whose `dispatch` is abstract: of all owners of a `dispatch` above `dispatcher` the last but one. */
function dispatcherBaseOf(dispatcher: unknown): Prototype | undefined {
  const owners: Prototype[] = []
  for (let at = dispatcher; typeof at === 'object' && at !== null; at = Object.getPrototypeOf(at))
    if (hasOwnMethod(at, 'dispatch')) owners.push(at)
  return owners.at(-2)
}
