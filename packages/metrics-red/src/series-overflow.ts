import { type FlatAttributes, warnOnce } from '@hashira/core'

/** Says, once a metric, that it has as many series as it may have, and which label made them so many. */
export function warnOverflow(metric: string, maxSeries: number, all: readonly FlatAttributes[]): void {
  warnOnce(
    'HASHIRA_METRIC_CARDINALITY',
    `${metric} has ${maxSeries} series, the most it may have; new ones are counted together as otel.metric.overflow. ${grown(all)}`,
    metric,
  )
}

function grown(all: readonly FlatAttributes[]): string {
  const distinct = new Map<string, Set<unknown>>()
  for (const attributes of all) {
    for (let i = 0; i < attributes.length; i += 2) {
      const key = attributes[i] as string
      const values = distinct.get(key)
      if (values === undefined) distinct.set(key, new Set([attributes[i + 1]]))
      else values.add(attributes[i + 1])
    }
  }
  let widest = ''
  let most = 0
  for (const [key, { size }] of distinct) {
    if (size <= most) continue
    most = size
    widest = key
  }
  return `The label that grew is ${widest}, with ${most} values`
}
