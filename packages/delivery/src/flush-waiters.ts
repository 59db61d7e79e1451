import { clampDelay, detached } from './detached'

interface Waiter {
  readonly upTo: number
  readonly deadlineMs: number
  readonly timer: NodeJS.Timeout
  readonly resolve: (all: boolean) => void
}

/** Those who wait for batches up to a sequence number. Their timers are what keeps the process alive during a flush. */
export class FlushWaiters {
  readonly #waiters = new Set<Waiter>()

  get size(): number {
    return this.#waiters.size
  }

  add(upTo: number, deadlineUnixMs: number): Promise<boolean> {
    const leftMs = clampDelay(deadlineUnixMs - Date.now())
    return new Promise((resolve) => {
      const timer = detached(() => setTimeout(() => this.#end(waiter, false), leftMs))
      const waiter: Waiter = { upTo, deadlineMs: performance.now() + leftMs, timer, resolve }
      this.#waiters.add(waiter)
    })
  }

  /** @param nextTryMs when the next request can start at the earliest, by `performance.now()`; 0: one is under way or may start */
  settle(oldestPending: number, nextTryMs: number): void {
    for (const waiter of this.#waiters) {
      if (oldestPending > waiter.upTo) this.#end(waiter, true)
      else if (nextTryMs > waiter.deadlineMs) this.#end(waiter, false)
    }
  }

  #end(waiter: Waiter, all: boolean): void {
    clearTimeout(waiter.timer)
    this.#waiters.delete(waiter)
    waiter.resolve(all)
  }
}
