import { Server } from 'node:net'
import { countFault } from '@hashira/core'
import { findAdapter } from './find-adapter'

interface Adapter {
  /** Whether `value` is an Express app, by its shape. */
  isExpressApp(value: unknown): boolean
  /** Observes an app that has its routes already. Does nothing to one that is observed. */
  observeApp(app: unknown): void
}

let adapter: Adapter | undefined
let active = false

/**
 * Observes each Express app whose server begins to listen: it is the server's own listener, however it came into the process
 * (required, imported, bundled), so no module loading has to be watched. Returns what undoes it.
 */
export function observeExpressApps(): () => void {
  const original = Server.prototype.listen
  const listen = function (this: Server, ...args: unknown[]): Server {
    if (active) for (const listener of this.listeners('request')) observeExpress(listener)
    return (original as (...args: unknown[]) => Server).apply(this, args)
  } as typeof Server.prototype.listen
  active = true
  Server.prototype.listen = listen
  return () => {
    active = false
    if (Server.prototype.listen === listen) Server.prototype.listen = original
  }
}

/** An app behind a listener of another kind is found with its first request, whose route stays unknown. */
export function discoverExpress(request: object): void {
  if (active) observeExpress((request as { app?: unknown }).app)
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
