import type { MetricSource } from './metric-sources'
import { shared } from './shared'

const live = shared('hooks', () => ({ counts: new Map<string, number>(), startTimeUnixMs: Date.now() }))

/**
 * Says that something of the app or of Node is observed from now on: `undici`, `node:http`, `express`, `pino`. Returns the function
 * that takes it back. For `status()`, `hashira doctor` and the metric `hashira.hook.live`.
 */
export function hookIsLive(name: string): () => void {
  const { counts } = live
  counts.set(name, (counts.get(name) ?? 0) + 1)
  let isOn = true
  return () => {
    if (!isOn) return
    isOn = false
    const left = (counts.get(name) ?? 1) - 1
    if (left === 0) counts.delete(name)
    else counts.set(name, left)
  }
}

/** Names of what is observed, each once, sorted. */
export function liveHooks(): string[] {
  return [...live.counts.keys()].sort()
}

export const hooksMetricSource: MetricSource = {
  name: 'hashira.hooks',
  collect: () => ({
    families: [
      {
        name: 'hashira.hook.live',
        naming: 'opentelemetry',
        type: 'gauge',
        unit: '',
        description: 'What of the app and of Node is observed',
        points: liveHooks().map((hook) => ({
          attributes: ['hook', hook],
          startTimeUnixMs: live.startTimeUnixMs,
          value: 1,
        })),
      },
    ],
  }),
}
