import { countFault } from '@hashira/core'
import { detached, idleTimer } from './detached'

/** Jitter either way, so that a fleet does not ask in step. */
const JITTER = 0.1

/**
 * Does `work` now and then again `intervalMs` after it has ended, for as long as the process lives by itself; outside of any
 * request. Work that throws or rejects is counted (`fault`) and done again. Returns the function that stops it.
 *
 * @param intervalMs may change between turns
 */
export function repeat(work: () => unknown, intervalMs: () => number, fault: string): () => void {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  const turn = async () => {
    try {
      await work()
    } catch {
      countFault(fault)
    }
    if (!stopped) timer = idleTimer(intervalMs() * (1 + JITTER * (2 * Math.random() - 1)), () => void turn())
  }
  void detached(turn)
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
