import type { Collected, MetricFamily, MetricSource } from '@hashira/core'
import { IsolatedReader } from './isolated-reader'
import { isRegistryAdapter } from './registry-adapter'
import { familyOf } from './registry-family'
import type { MetricJson, MetricLike, RegistryLike } from './registry-like'

/**
 * The app's own metrics in a prom-client registry, as a metric source.
 *
 * Each metric is read on its own: `registry.metrics()` would reject as a whole when one collector does. A metric that is not
 * read within 5 s fails alone. Recorders of ours in the registry are left out, they have a source of their own.
 */
export function registrySource(registry: RegistryLike): MetricSource {
  const reader = new IsolatedReader<MetricLike, MetricFamily>()
  return {
    name: 'prom-client registry',
    async collect(): Promise<Collected> {
      const metrics = (registry.getMetricsAsArray() as MetricLike[]).filter(
        (metric) => !isRegistryAdapter(metric),
      )
      const { values, failures } = await reader.readAll(
        metrics,
        (metric) => String(metric.name),
        async (metric) => {
          const json = (await (metric.getForPromString?.() ?? metric.get())) as MetricJson
          return familyOf(json, registeredName(registry, metric), defaultLabels(registry))
        },
      )
      return { families: values, failures }
    },
  }
}

// After `registry.metrics()` in OpenMetrics, prom-client's counters have lost their `_total`; the registry still has it as the key.
function registeredName(registry: RegistryLike, metric: MetricLike): string {
  const full = `${metric.name}_total`
  return metric.type === 'counter' &&
    registry.getSingleMetric(metric.name) !== metric &&
    registry.getSingleMetric(full) === metric
    ? full
    : metric.name
}

function defaultLabels(registry: RegistryLike): Readonly<Record<string, unknown>> {
  return (registry as { _defaultLabels?: Record<string, unknown> })._defaultLabels ?? {}
}
