import { hookListen } from './listen-hooks'

/** Whether this process serves already: `observe()` came after `listen()`. */
export function isListening(): boolean {
  return process.getActiveResourcesInfo().includes('TCPServerWrap')
}

/**
 * Calls `fn` once, when the process listens for the first time. `NODE_OPTIONS` loads us into npm and every other tool as
 * well; a process that serves nothing must open no port. Returns the function that stops waiting.
 */
export function onFirstListen(fn: () => void): () => void {
  let waiting = true
  const stop = hookListen({
    after: () => {
      stop()
      if (waiting) fn()
      waiting = false
    },
  })
  return stop
}
