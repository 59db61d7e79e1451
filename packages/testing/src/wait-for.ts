import { setTimeout as delay } from 'node:timers/promises'

export interface WaitOptions {
  /** Default 5,000. */
  readonly timeoutMs?: number | undefined
  /** Between two looks, default 5. */
  readonly intervalMs?: number | undefined
  /** For the message: what did not come. */
  readonly what?: string | undefined
}

/**
 * Looks again and again until `condition` gives something truthy, and returns that. A condition that throws has not come yet.
 * @throws Error after `timeoutMs`, with the last error as its cause
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 5_000, intervalMs = 5, what = 'the condition' }: WaitOptions = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    let cause: unknown
    try {
      const value = await condition()
      if (value) return value
    } catch (error) {
      cause = error
    }
    if (performance.now() >= deadline) {
      throw new Error(`${what} did not come within ${timeoutMs} ms`, { cause })
    }
    await delay(intervalMs)
  }
}
