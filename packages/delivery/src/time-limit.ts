import { idleTimer } from './detached'

export interface TimeLimit {
  /** Fires after `timeoutMs`, or with the outer signal. */
  readonly signal: AbortSignal
  /** Frees the timer; the signal does not fire any more. */
  end(): void
}

export function timeLimit(timeoutMs: number, abort: AbortSignal): TimeLimit {
  const controller = new AbortController()
  const stop = () => controller.abort()
  const timer = idleTimer(timeoutMs, stop)
  abort.addEventListener('abort', stop)
  if (abort.aborted) stop()
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer)
      abort.removeEventListener('abort', stop)
    },
  }
}

/** What `work` resolves to; rejects with `ETIMEDOUT` when `signal` fires before. */
export async function beforeAbort<T>(work: Promise<T>, signal: AbortSignal, what: string): Promise<T> {
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(timeoutError(`${what} in time`))
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

export function timeoutError(text: string): Error {
  return Object.assign(new Error(text), { code: 'ETIMEDOUT' })
}
