import { Server } from 'node:net'

/** Whether this process serves already: `observe()` came after `listen()`. */
export function isListening(): boolean {
  return process.getActiveResourcesInfo().includes('TCPServerWrap')
}

/**
 * Calls `fn` once, when the process listens for the first time. `NODE_OPTIONS` loads us into npm and every other tool as
 * well; a process that serves nothing must open no port. (`net.server.listen` channels exist from Node 22 on only.)
 * Returns the function that stops waiting.
 */
export function onFirstListen(fn: () => void): () => void {
  const original = Server.prototype.listen
  let waiting = true
  const listen = function (this: Server, ...args: unknown[]): Server {
    // Whoever wrapped us meanwhile still calls us after we are done.
    if (!waiting) return (original as (...args: unknown[]) => Server).apply(this, args)
    stop()
    try {
      return (original as (...args: unknown[]) => Server).apply(this, args)
    } finally {
      fn()
    }
  } as typeof Server.prototype.listen
  const stop = () => {
    if (waiting && Server.prototype.listen === listen) Server.prototype.listen = original
    waiting = false
  }
  Server.prototype.listen = listen
  return stop
}
