import { clampDelay } from './detached'

/** Whether `work` ended before the deadline (Unix ms). A timer of its own keeps the process alive until then. */
export function within(work: Promise<unknown>, deadlineUnixMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), clampDelay(deadlineUnixMs - Date.now()))
    const ended = () => {
      clearTimeout(timer)
      resolve(true)
    }
    work.then(ended, ended)
  })
}
