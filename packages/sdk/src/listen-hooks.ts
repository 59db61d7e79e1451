import { Server } from 'node:net'

/** Called when a server begins to listen. Neither may throw. */
export interface ListenHook {
  before?(server: Server): void
  after?(): void
}

const hooks = new Set<ListenHook>()
let restore: (() => void) | undefined

/**
 * `net.server.listen` channels exist from Node 22 on only. One wrapper serves all hooks, so that whoever goes first leaves nothing
 * of itself below the others'. Returns what takes the hook out.
 */
export function hookListen(hook: ListenHook): () => void {
  hooks.add(hook)
  restore ??= wrapListen()
  return () => {
    hooks.delete(hook)
    if (hooks.size > 0) return
    restore?.()
    restore = undefined
  }
}

function wrapListen(): () => void {
  const original = Server.prototype.listen
  const listen = function (this: Server, ...args: unknown[]): Server {
    // Whoever wrapped us meanwhile still calls us after we are done.
    const called = [...hooks]
    for (const hook of called) hook.before?.(this)
    try {
      return (original as (...args: unknown[]) => Server).apply(this, args)
    } finally {
      for (const hook of called) hook.after?.()
    }
  } as typeof Server.prototype.listen
  Server.prototype.listen = listen
  return () => {
    if (Server.prototype.listen === listen) Server.prototype.listen = original
  }
}
