import { rootContext, runInContext } from '@hashira/core'
import { type LambdaContext, remainingMs } from './lambda-context'

/** What is left after everything is sent, so that the answer still arrives. */
const RESERVE_MS = 50

/** How long a flush may take now: `wantedMs`, or less near the function's timeout. */
export function flushBudgetMs(context: LambdaContext, wantedMs: number): number {
  return Math.max(0, Math.min(wantedMs, remainingMs(context) - RESERVE_MS))
}

/** Calls `expire` when `marginMs` (at most half of what there is) are left of the invocation. Returns what cancels it. */
export function beforeTimeout(context: LambdaContext, marginMs: number, expire: () => void): () => void {
  const remaining = remainingMs(context)
  if (marginMs === 0 || !Number.isFinite(remaining)) return () => {}
  const delayMs = Math.max(0, remaining - Math.min(marginMs, remaining / 2))
  // A timer keeps the context that it was made in; and it must not keep an invocation alive that has nothing to wait for.
  const timer = runInContext(rootContext, () => setTimeout(expire, delayMs).unref())
  return () => clearTimeout(timer)
}
