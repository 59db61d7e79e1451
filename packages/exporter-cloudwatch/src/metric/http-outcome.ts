import type { FlatAttributes, HistogramPoint, MetricFamily } from '@hashira/core'
import type { Point, Sample } from './samples'

const DURATION = /^(http\.(?:server|client)\.request\.)duration$/

/**
 * How many of the requests of an HTTP duration failed, as CloudWatch Application Signals counts them: each request is a 0 or a 1,
 * so the Average is the rate, the Sum is the number, and SampleCount is the requests. `…error` is 4xx; `…fault` is 5xx, and
 * what ended without an answer.
 */
export function outcomeSamples({ name, type }: MetricFamily, all: readonly Point[]): readonly Sample[] {
  const [, prefix] = DURATION.exec(name) ?? []
  if (prefix === undefined || (type !== 'histogram' && type !== 'exponential_histogram')) return []
  const points = all as readonly Pick<HistogramPoint, 'attributes' | 'count'>[]
  const total = points.reduce((sum, { count }) => sum + count, 0)
  const failed = { error: 0, fault: 0 }
  for (const { attributes, count } of points) {
    const outcome = outcomeOf(attributes)
    if (outcome !== undefined) failed[outcome] += count
  }
  return (['error', 'fault'] as const).map((outcome) => {
    const pairs = [
      [0, total - failed[outcome]],
      [1, failed[outcome]],
    ].filter(([, count]) => count! > 0) as [number, number][]
    const values = pairs.map(([value]) => value)
    const counts = pairs.map(([, count]) => count)
    return { name: `${prefix}${outcome}`, unit: 'Count', values, counts }
  })
}

function outcomeOf(attributes: FlatAttributes): 'error' | 'fault' | undefined {
  const status = Number(attributeOf(attributes, 'http.response.status_code') ?? Number.NaN)
  if (status >= 500) return 'fault'
  if (status >= 400) return 'error'
  return Number.isNaN(status) && attributeOf(attributes, 'error.type') !== undefined ? 'fault' : undefined
}

function attributeOf(attributes: FlatAttributes, key: string): unknown {
  for (let i = 0; i < attributes.length; i += 2) if (attributes[i] === key) return attributes[i + 1]
  return undefined
}
