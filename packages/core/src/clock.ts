import { shared } from './shared'

interface WallClock {
  /** Unix milliseconds at monotonic zero, as last seen. */
  offsetMs: number
}

const wallClock = shared<WallClock>('clock', () => ({ offsetMs: Date.now() - performance.now() }))

/**
 * The wall-clock time (Unix milliseconds) that belongs to the monotonic time `monotonicMs` (`performance.now()`).
 *
 * A local root asks once and adds monotonic differences from then on, so a span can't have a negative duration. The wall
 * clock has whole milliseconds only; the offset that is kept adds the fraction and moves no further than the two clocks
 * disagree. A process that was frozen (Lambda, a laptop lid) or whose wall clock was set gets a new offset with its next root.
 */
export function wallTimeMs(monotonicMs: number): number {
  const wall = Date.now()
  const estimate = wallClock.offsetMs + monotonicMs
  if (estimate < wall) wallClock.offsetMs += wall - estimate
  else if (estimate >= wall + 1) wallClock.offsetMs -= estimate - wall
  return wallClock.offsetMs + monotonicMs
}
