import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'

/**
 * How often an idle process is woken: 4.2 ms of CPU a second at 20 ms, 1.7 at 50; a timer in JavaScript takes 4 at 50 (Node 24).
 * Whatever holds the loop for longer is always seen, what is shorter as often as it is long.
 */
export const RESOLUTION_MS = 50

/** Two monitors of Node that begin at the same time and run on, so that one wake-up serves both: for a new window one is emptied. */
export class DelayMonitors {
  readonly #both = [monitor(), monitor()]
  readonly #idle = [...this.#both]

  begin(): IntervalHistogram {
    const next = this.#idle.pop() as IntervalHistogram
    next.reset()
    return next
  }

  end(monitor: IntervalHistogram): void {
    this.#idle.push(monitor)
  }

  stop(): void {
    for (const each of this.#both) each.disable()
  }
}

function monitor(): IntervalHistogram {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  return delay
}
