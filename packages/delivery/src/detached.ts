import { AsyncResource } from 'node:async_hooks'
import { activeContext, rootContext, runInContext, suppressTracing } from '@hashira/core'

// A timer, an immediate or a socket remembers whoever made it: the request whose span filled a batch would stay in memory,
// and be the parent of our own calls. This resource remembers only what was current when the module was loaded, for every
// AsyncLocalStorage of the app, not only ours.
const outside = new AsyncResource('HashiraDelivery', { requireManualDestroy: true })
const untraced = suppressTracing(rootContext)

/** Calls `fn` outside of any request, with tracing suppressed: for everything delivery starts asynchronously. */
export function detached<T>(fn: () => T): T {
  // Only here is this context entered: whoever has it is outside already, and to leave again costs a busy server 20 µs.
  if (activeContext() === untraced) return fn()
  return outside.runInAsyncScope(() => runInContext(untraced, fn))
}

/** `setTimeout` that never keeps the process alive and remembers no request. */
export function idleTimer(delayMs: number, fn: () => void): NodeJS.Timeout {
  return detached(() => setTimeout(fn, clampDelay(delayMs)).unref())
}

/** Node takes at most 2^31 - 1 ms; what is longer would fire at once. */
export function clampDelay(delayMs: number): number {
  return Math.min(Math.max(delayMs, 0) || 0, 2_147_483_647)
}
