import type { Exporter, PullMetrics, PushMetrics } from '@hashira/core'

/** Every way in which metrics leave to an exporter. */
export function metricsOf({ metrics }: Exporter): readonly (PushMetrics | PullMetrics)[] {
  if (metrics === undefined) return []
  return Array.isArray(metrics) ? metrics : [metrics as PushMetrics | PullMetrics]
}

/** Those in which the backend fetches them. */
export function pullsOf(exporter: Exporter): readonly PullMetrics[] {
  return metricsOf(exporter).filter((metrics) => metrics.kind === 'pull')
}

/** What the chosen exporters want histograms to be. */
export function histogramAggregationOf(exporters: readonly Exporter[]): PushMetrics['histogramAggregation'] {
  for (const metrics of exporters.flatMap(metricsOf))
    if (metrics.kind === 'push' && metrics.histogramAggregation !== undefined)
      return metrics.histogramAggregation
  return undefined
}
