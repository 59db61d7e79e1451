import { countFault, say } from '@hashira/core'
import type { DeliveryState } from './account'
import { idleTimer } from './detached'
import type { RetrySchedule } from './retry-schedule'

/** Lines about a destination that comes and goes are at least this far apart. */
const QUIET_MS = 60_000

export interface CircuitOptions {
  /** For messages: `jaeger traces to http://localhost:4318/v1/traces`. */
  readonly label: string
  /** For messages: `64 MiB`. */
  readonly keeps: string
  readonly schedule: RetrySchedule
  readonly waitingItems: () => number
  readonly droppedItems: () => number
  /** The pause is over. */
  readonly resume: () => void
  readonly onStateChange: ((state: DeliveryState, detail: string) => void) | undefined
}

/**
 * Whether a destination may be tried: after a failure everything pauses, then one request probes, and when that is
 * answered all may go. Says one line when it breaks and one when it is back.
 */
export class Circuit {
  readonly #options: CircuitOptions
  #state: DeliveryState = 'ok'
  #probing = false
  #pauseEndMs = 0
  #timer: NodeJS.Timeout | undefined
  #brokenSinceMs = 0
  #droppedBefore = 0
  #said = false
  #lastSaidMs = Number.NEGATIVE_INFINITY

  constructor(options: CircuitOptions) {
    this.#options = options
  }

  get state(): DeliveryState {
    return this.#state
  }

  /** Until when nothing is tried, by `performance.now()`; 0 when nothing holds it back. */
  get pauseEndMs(): number {
    return this.#pauseEndMs
  }

  get open(): boolean {
    return this.#state === 'ok' || (this.#pauseEndMs === 0 && !this.#probing)
  }

  /** A request starts; returns whether it is the probe of a failing destination. */
  begin(): boolean {
    this.#probing = this.#state === 'failing'
    return this.#probing
  }

  failed(probe: boolean, why: string, afterMs: number | undefined): void {
    if (probe) this.#probing = false
    if (this.#state === 'ok') {
      this.#state = 'failing'
      this.#brokenSinceMs = performance.now()
      this.#droppedBefore = this.#options.droppedItems()
      this.#pause(this.#options.schedule.nextMs(afterMs))
      this.#notify(why)
    } else if (probe) {
      this.#pause(this.#options.schedule.nextMs(afterMs))
    } else if (afterMs !== undefined) {
      // Under way since before the break: no new failure, but the backend may ask for a longer pause.
      const askedMs = this.#options.schedule.askedMs(afterMs) ?? 0
      if (performance.now() + askedMs > this.#pauseEndMs && this.#pauseEndMs > 0) this.#pause(askedMs)
    }
    this.#sayBroken(why)
  }

  /** The destination answered for itself, be it with a refusal. */
  answered(): void {
    this.#options.schedule.reset()
    if (this.#state === 'ok') return
    this.#state = 'ok'
    this.#probing = false
    this.#endPause()
    this.#sayBack()
    this.#notify('answers again')
  }

  /** Ends the pause before its time. */
  hurry(): void {
    this.#endPause()
  }

  #pause(delayMs: number): void {
    this.#endPause()
    this.#pauseEndMs = performance.now() + delayMs
    this.#timer = idleTimer(delayMs, () => {
      this.#endPause()
      this.#options.resume()
    })
  }

  #endPause(): void {
    clearTimeout(this.#timer)
    this.#pauseEndMs = 0
  }

  #sayBroken(why: string): void {
    if (this.#said || performance.now() - this.#lastSaidMs < QUIET_MS) return
    this.#said = true
    this.#lastSaidMs = performance.now()
    const { label, keeps } = this.#options
    sayLine('warn', `${label} fails: ${why}; trying again, keeping up to ${keeps}`)
  }

  #sayBack(): void {
    if (!this.#said) return
    this.#said = false
    const seconds = ((performance.now() - this.#brokenSinceMs) / 1_000).toFixed(1)
    const { label, waitingItems, droppedItems } = this.#options
    const dropped = droppedItems() - this.#droppedBefore
    sayLine(
      'info',
      `${label} works again after ${seconds} s; ${waitingItems()} items waiting, ${dropped} dropped`,
    )
  }

  #notify(detail: string): void {
    try {
      this.#options.onStateChange?.(this.#state, detail)
    } catch {
      countFault('on_state_change')
    }
  }
}

export function sayLine(level: 'info' | 'warn', line: string): void {
  try {
    say(level, line)
  } catch {
    countFault('diagnostic_sink')
  }
}
