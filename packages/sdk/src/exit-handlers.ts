import { say } from '@hashira/core'
import { SignalHandlers } from './signal-handlers'

/** What the handlers need of a running Hashira. */
export interface Flushable {
  readonly pending: number
  flush(timeoutMs: number): Promise<unknown>
  shutdown(timeoutMs: number): Promise<unknown>
  /** Synchronous; returns how many items are lost. */
  deliverAtExit(budgetMs: number): number
}

const EXIT_BUDGET_MS = 500

/**
 * Sends what is waiting however the process ends: naturally (`beforeExit`), by a signal, or by `process.exit` and uncaught
 * errors (`exit`, synchronous). Returns the function that removes every listener.
 */
export function handleExit(target: Flushable, options: { timeoutMs: number; signals: boolean }): () => void {
  const signals = options.signals ? new SignalHandlers(target, options.timeoutMs) : undefined
  let flushing = false

  // `beforeExit` comes again after the asynchronous work of a flush. A flush that delivered nothing new is not repeated,
  // or a backend that is down would keep the process alive for ever.
  let leftBehind = 0
  const onBeforeExit = () => {
    if (flushing || target.pending <= leftBehind) return
    flushing = true
    void target.flush(options.timeoutMs).then(() => {
      flushing = false
      leftBehind = target.pending
    })
  }

  const onExit = () => {
    const lost = target.deliverAtExit(EXIT_BUDGET_MS)
    if (lost > 0) say('warn', `${lost} spans were not delivered before the process ended`)
  }

  process.on('beforeExit', onBeforeExit)
  process.on('exit', onExit)
  return () => {
    process.removeListener('beforeExit', onBeforeExit)
    process.removeListener('exit', onExit)
    signals?.remove()
  }
}
