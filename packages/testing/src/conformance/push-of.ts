import assert from 'node:assert/strict'
import type { Exporter, PullMetrics, PushMetrics } from '@hashira/core'

/** The push stream of this name; without a name the first. */
export function pushOf(exporter: Exporter, stream: string | undefined): PushMetrics {
  const all = [exporter.metrics].flat() as (PushMetrics | PullMetrics | undefined)[]
  const pushes = all.filter((one): one is PushMetrics => one?.kind === 'push')
  const found = pushes.find(({ name }) => stream === undefined || name === stream)
  assert.ok(found, `${exporter.name} pushes no metrics${stream === undefined ? '' : ` as ${stream}`}`)
  return found
}
