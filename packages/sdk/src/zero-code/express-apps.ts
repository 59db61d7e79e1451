import { countFault } from '@hashira/core'
import { hookListen } from '../listen-hooks'
import { findAdapter } from './find-adapter'

interface Adapter {
  /** Whether `value` is an Express app, by its shape. */
  isExpressApp(value: unknown): boolean
  /** Observes an app that has its routes already. Does nothing to one that is observed. */
  observeApp(app: unknown): void
}

/** An app may be mounted in a circle by mistake. */
const MAX_DEPTH = 100

let adapter: Adapter | undefined
let active = false

/**
 * Observes each Express app whose server begins to listen: it is the server's own listener, however it came into the process
 * (required, imported, bundled), so no module loading has to be watched. Returns what undoes it.
 */
export function observeExpressApps(): () => void {
  const stop = hookListen({
    before: (server) => {
      for (const listener of server.listeners('request')) observeExpress(listener)
    },
  })
  active = true
  return () => {
    active = false
    stop()
  }
}

/** An app behind a listener of another kind is found with its first request, whose route stays unknown. */
export function discoverExpress(request: object): void {
  if (active) observeExpress(outermost((request as { app?: unknown }).app))
}

/** Of a request that a mounted app answered, `app` is that one, and its routes say nothing of where it is mounted. */
function outermost(app: unknown): unknown {
  let outer = app
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const { parent } = (outer ?? {}) as { parent?: unknown }
    if (typeof parent !== 'function') break
    outer = parent
  }
  return outer
}

function observeExpress(candidate: unknown): void {
  try {
    if (!looksLikeExpress(candidate)) return
    adapter ??= findAdapter<Adapter>('@hashira/express', 'Express')
    if (adapter?.isExpressApp(candidate) === true) adapter.observeApp(candidate)
  } catch {
    countFault('express_app')
  }
}

/** Enough to not load the adapter for anything else. */
function looksLikeExpress(value: unknown): boolean {
  const app = value as { handle?: unknown; set?: unknown; engine?: unknown } | undefined
  return (
    typeof value === 'function' &&
    [app?.handle, app?.set, app?.engine].every((own) => typeof own === 'function')
  )
}
