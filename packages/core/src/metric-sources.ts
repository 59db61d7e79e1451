import type { CollectFailure, MetricFamily, MetricSnapshot } from './metric-snapshot'
import { shared } from './shared'

/** Something that has metrics: the RED recorders, the app's prom-client registry, delivery's own account. */
export interface MetricSource {
  /** For messages. */
  readonly name: string
  /** May reject or throw: the other sources are served all the same. Single metrics that fail are told as `failures`. */
  collect(): Collected | Promise<Collected>
}

export interface Collected {
  readonly families: readonly MetricFamily[]
  readonly failures?: readonly CollectFailure[] | undefined
}

const sources = shared('metric.sources', () => new Set<MetricSource>())
const failureCounts = shared('metric.failures', () => new Map<string, number>())

/** Adds a source to every exporter's snapshot; the function that is returned takes it out again. */
export function addMetricSource(source: MetricSource): () => void {
  sources.add(source)
  return () => {
    sources.delete(source)
  }
}

/**
 * Reads every source. Never rejects; what failed is in `failures` and counted by name, and so is a source that has not
 * answered when `expired` resolves (default: it is waited for).
 */
export async function collectMetrics(expired?: Promise<unknown>): Promise<MetricSnapshot> {
  const families: MetricFamily[] = []
  const failures: CollectFailure[] = []
  const late = expired?.then(() => Promise.reject(new Error('was not read in time')))
  late?.catch(() => {})
  for (const collected of await Promise.all([...sources].map((source) => readSource(source, late)))) {
    families.push(...collected.families)
    failures.push(...(collected.failures ?? []))
  }
  for (const { name } of failures) failureCounts.set(name, (failureCounts.get(name) ?? 0) + 1)
  return { families: [...families, ...failureFamilies()], failures, timeUnixMs: Date.now() }
}

async function readSource(source: MetricSource, late: Promise<never> | undefined): Promise<Collected> {
  try {
    const collecting = source.collect()
    const { families, failures } = await (late === undefined ? collecting : Promise.race([collecting, late]))
    return { families: [...families], failures }
  } catch (error) {
    return { families: [], failures: [{ name: source.name, error }] }
  }
}

const startTimeUnixMs = Date.now()

function failureFamilies(): MetricFamily[] {
  if (failureCounts.size === 0) return []
  return [
    {
      name: 'hashira.metrics.collect.failures',
      naming: 'opentelemetry',
      description: 'Metrics that could not be read, by the name of the metric or its source',
      unit: '{failure}',
      type: 'counter',
      points: [...failureCounts].map(([name, value]) => ({
        attributes: ['name', name],
        startTimeUnixMs,
        value,
      })),
    },
  ]
}
