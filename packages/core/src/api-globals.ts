import { countFault } from './diagnostics'
import { shared } from './shared'

/** What is registered with `@opentelemetry/api`, by kind (`trace`, `metrics`). All copies of the API in a process share it. */
export type ApiGlobals = { readonly version: string } & { [kind: string]: unknown }

export interface ApiWatcher {
  /** Somebody looks at what is registered: the last moment to register something oneself. */
  used(): void
  /** Somebody, be it another SDK, is about to register something: what a watcher takes out of `globals` has a free place. */
  registering?(globals: ApiGlobals): void
}

const KEY = Symbol.for('opentelemetry.js.api.1')

interface Watch {
  readonly watchers: Set<ApiWatcher>
  globals: ApiGlobals | undefined
  isTelling: boolean
}

const holder = globalThis as { [KEY]?: ApiGlobals | undefined }
const watch = shared<Watch>('api.globals', () => ({
  watchers: new Set(),
  globals: undefined,
  isTelling: false,
}))

/**
 * Tells when anything in the process uses `@opentelemetry/api`, whichever copy of it: each reads the same property of `globalThis`,
 * and assigns it before it registers something. So the API (60 files, 11 ms of an app's start) need not be loaded to be
 * registered with, and is not in an app that does not use it. Returns what ends it.
 */
export function watchApi(watcher: ApiWatcher): () => void {
  if (watch.watchers.size === 0) {
    watch.globals = holder[KEY]
    Object.defineProperty(holder, KEY, { configurable: true, get: used, set: registering })
  }
  watch.watchers.add(watcher)
  return () => {
    if (!watch.watchers.delete(watcher) || watch.watchers.size > 0) return
    const { globals } = watch
    watch.globals = undefined
    if (globals === undefined) delete holder[KEY]
    else Object.defineProperty(holder, KEY, { configurable: true, writable: true, value: globals })
  }
}

/** What is registered so far. Looking at it here is no use of the API. */
export function apiGlobals(): ApiGlobals | undefined {
  return watch.watchers.size > 0 ? watch.globals : holder[KEY]
}

function used(): ApiGlobals | undefined {
  tell((watcher) => watcher.used())
  return apiGlobals()
}

function registering(globals: ApiGlobals | undefined): void {
  watch.globals = globals
  if (globals !== undefined) tell((watcher) => watcher.registering?.(globals))
}

/** What a watcher does with the API meanwhile is its own. */
function tell(call: (watcher: ApiWatcher) => void): void {
  if (watch.isTelling) return
  watch.isTelling = true
  try {
    for (const watcher of [...watch.watchers]) call(watcher)
  } catch {
    countFault('api_registration')
  } finally {
    watch.isTelling = false
  }
}
