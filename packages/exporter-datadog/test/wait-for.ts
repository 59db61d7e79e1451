import { setTimeout as delay } from 'node:timers/promises'

/** Looks again until `condition` is truthy; throws after 20 seconds. */
export async function waitFor(condition: () => unknown): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!condition()) {
    if (performance.now() >= deadline) throw new Error(`did not come: ${condition}`)
    await delay(5)
  }
}
