import type { Flushable } from './exit-handlers'

const SIGNALS = ['SIGTERM', 'SIGINT'] as const
type Signal = (typeof SIGNALS)[number]

// Time that is kept back from the deadline for closing and for the process to end: a tenth, and no more than this.
const MARGIN_MS = 250

/**
 * Flushes on SIGTERM and SIGINT and then leaves the process to end as it would have without us.
 *
 * - The app has a listener: ours steps aside, so that "am I the only listener" logic sees what it would see without us;
 *   the flush runs beside the app's own shutdown, and exporting goes on until the process ends.
 * - No other listener: flush, shut down, and raise the signal again, which now has its default effect. A second signal
 *   meanwhile ends the process at once.
 * - Only signal-exit (3 or 4) listens: it raises the signal itself, at once, when it finds itself alone, and never while we
 *   listen. So we stay until the flush is done, then step aside and raise the signal for it.
 */
export class SignalHandlers {
  readonly #target: Flushable
  readonly #timeoutMs: number
  readonly #listeners = new Map<Signal, () => void>()
  #raising: Signal | undefined

  constructor(target: Flushable, timeoutMs: number) {
    this.#target = target
    this.#timeoutMs = timeoutMs - Math.min(MARGIN_MS, timeoutMs / 10)
    for (const signal of SIGNALS) {
      const listener = () => this.#onSignal(signal)
      this.#listeners.set(signal, listener)
      process.prependListener(signal, listener)
    }
  }

  /** Not while a signal waits for the shutdown that calls this: its listener goes when the signal is raised again. */
  remove(): void {
    for (const signal of SIGNALS) if (signal !== this.#raising) this.#removeOne(signal)
  }

  #removeOne(signal: Signal): void {
    const listener = this.#listeners.get(signal)
    if (listener !== undefined) process.removeListener(signal, listener)
    this.#listeners.delete(signal)
  }

  #onSignal(signal: Signal): void {
    const others = process.listenerCount(signal) - 1
    const signalExits = signalExitCount()
    if (others > signalExits) {
      this.#removeOne(signal)
      void this.#target.flush(this.#timeoutMs)
      return
    }
    if (others === 0) this.#removeOne(signal)
    else this.#replaceByImpatience(signal)
    this.#raising = signal
    void this.#target.shutdown(this.#timeoutMs).then(() => this.#raise(signal))
  }

  // While signal-exit waits for us, a second signal must still end the process at once.
  #replaceByImpatience(signal: Signal): void {
    const impatient = () => this.#raise(signal)
    process.prependListener(signal, impatient)
    this.#removeOne(signal)
    this.#listeners.set(signal, impatient)
  }

  #raise(signal: Signal): void {
    this.#removeOne(signal)
    process.kill(process.pid, signal)
  }
}

/** How many listeners per signal are signal-exit's: it publishes its emitter, version 3 by name, version 4 by symbol. */
function signalExitCount(): number {
  const v3 = (process as { __signal_exit_emitter__?: { count?: unknown } }).__signal_exit_emitter__
  const v4 = (globalThis as { [key: symbol]: { count?: unknown } | undefined })[
    Symbol.for('signal-exit emitter')
  ]
  return count(v3) + count(v4)
}

function count(emitter: { count?: unknown } | undefined): number {
  return typeof emitter?.count === 'number' ? emitter.count : 0
}
