import assert from 'node:assert/strict'
import { setDiagnosticSink } from '@hashira/core'
import type { Deliverer, ExporterAccount, RetryOptions } from '@hashira/delivery'

/** `ended + recovered = delivered + sum(dropped) + pending + spooled`. */
export function assertBalanced(account: ExporterAccount): void {
  assert.equal(
    account.ended + account.recovered,
    account.delivered + droppedItems(account) + account.pending + account.spooled,
    JSON.stringify(account),
  )
  assert.ok(account.pending >= 0 && account.queueBytes >= 0, JSON.stringify(account))
}

export function droppedItems(account: ExporterAccount): number {
  return Object.values(account.dropped).reduce((sum, items) => sum + items, 0)
}

/** Polls until `condition` holds, at most `timeoutMs`; the account must balance all the while. */
export async function until(
  condition: () => boolean,
  pipeline?: Deliverer,
  timeoutMs = 10_000,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs
  while (!condition()) {
    if (pipeline !== undefined) assertBalanced(pipeline.account())
    assert.ok(performance.now() < deadlineMs, `not within ${timeoutMs} ms: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  if (pipeline !== undefined) assertBalanced(pipeline.account())
}

export const inMs = (ms: number): number => Date.now() + ms

/** Pauses short enough for a test. */
export const quickRetry: Partial<RetryOptions> = { initialMs: 5, maxMs: 20 }

/** What Hashira says about itself while `run` runs. */
export async function linesSaid(run: () => Promise<void>): Promise<string[]> {
  const lines: string[] = []
  setDiagnosticSink((level, line) => lines.push(`${level} ${line}`))
  try {
    await run()
  } finally {
    setDiagnosticSink(undefined)
  }
  return lines
}
