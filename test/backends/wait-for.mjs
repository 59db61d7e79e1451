import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Calls `probe` until it returns something truthy, and returns that. A probe that throws counts as not yet;
 * after `timeoutMs` (default 15000) rejects with `what` and the last error.
 */
export async function waitFor(what, probe, { timeoutMs = 15_000, intervalMs = 50 } = {}) {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    let last
    try {
      const result = await probe()
      if (result) return result
    } catch (error) {
      last = error
    }
    if (Date.now() > deadline) {
      throw new Error(`${what}: not within ${timeoutMs} ms${last ? ` (${last.message})` : ''}`, {
        cause: last,
      })
    }
    await sleep(intervalMs)
  }
}
