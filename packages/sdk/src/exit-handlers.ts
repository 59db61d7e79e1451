import { say } from '@hashira/core'
import { items } from './items'
import { SignalHandlers } from './signal-handlers'

/** What the handlers need of a running Hashira. */
export interface Flushable {
  readonly pending: number
  flush(timeoutMs: number): Promise<unknown>
  shutdown(timeoutMs: number): Promise<unknown>
  /** Synchronous; returns how many items are lost, and how many the next run delivers. */
  deliverAtExit(budgetMs: number): { readonly lost: number; readonly spooled: number }
}

/**
 * Sends what is waiting however the process ends: naturally (`beforeExit`), by a signal, or by `process.exit` and uncaught
 * errors (`exit`, synchronous). Returns the function that removes every listener.
 */
export function handleExit(
  target: Flushable,
  options: { readonly timeoutMs: number; readonly exitTimeoutMs: number; readonly signals: boolean },
): () => void {
  const signals = options.signals ? new SignalHandlers(target, options.timeoutMs) : undefined
  const onBeforeExit = flushOnBeforeExit(target, options.timeoutMs)
  const onExit = () => {
    const { lost, spooled } = target.deliverAtExit(options.exitTimeoutMs)
    if (lost > 0) say('warn', `${items(lost)} not delivered before the process ended`)
    if (spooled > 0) say('info', `${items(spooled)} left in the spool for the next start`)
  }

  process.on('beforeExit', onBeforeExit)
  process.on('exit', onExit)
  return () => {
    process.removeListener('beforeExit', onBeforeExit)
    process.removeListener('exit', onExit)
    signals?.remove()
  }
}

/**
 * `beforeExit` comes again after the asynchronous work of a flush. A second flush is for new items only, or a backend that is
 * down would keep the process alive for ever.
 */
function flushOnBeforeExit(target: Flushable, timeoutMs: number): () => void {
  let leftBehind = -1
  let flushing = false
  return () => {
    if (flushing || target.pending <= leftBehind) return
    flushing = true
    void target.flush(timeoutMs).then(() => {
      flushing = false
      leftBehind = target.pending
    })
  }
}
