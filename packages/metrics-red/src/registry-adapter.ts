import {
  countFault,
  type Exemplar,
  explicitHistogram,
  type FlatAttributes,
  type HistogramPoint,
  type MetricFamily,
  type NumberPoint,
  prometheusLabel,
  prometheusName,
} from '@hashira/core'
import type { Recorder } from './recorder'
import type { MetricJson, ValueJson } from './registry-like'

const BRAND = Symbol.for('hashira.metrics-red.adapter')

const REGISTRY_TYPES = {
  counter: 'counter',
  updowncounter: 'gauge',
  gauge: 'gauge',
  unknown: 'gauge',
  histogram: 'histogram',
  exponential_histogram: 'histogram',
  summary: 'summary',
} as const

type Labels = Record<string, string | number>

/**
 * Recorders of one name and type in the shape of a prom-client metric, so that they show in the app's own `registry.metrics()`,
 * `getMetricsAsJSON()` and `getSingleMetric()`. Our own exporters read the recorders themselves and leave these out.
 */
export class RegistryAdapter {
  readonly [BRAND] = true
  readonly help: string
  readonly type: string
  readonly aggregator: string
  readonly #fullName: string
  readonly #recorders: Set<Recorder>
  readonly #registry: { readonly contentType?: unknown }

  constructor(recorder: Recorder, registry: { readonly contentType?: unknown }) {
    this.#recorders = new Set([recorder])
    this.#registry = registry
    this.#fullName = prometheusName({ ...recorder, naming: 'opentelemetry' })
    this.help = recorder.description
    this.type = REGISTRY_TYPES[recorder.type]
    this.aggregator = recorder.type === 'gauge' ? 'average' : 'sum'
  }

  // prom-client appends `_total` to every counter in OpenMetrics, and writes the name without it into the metric for good.
  get name(): string {
    const isOpenMetrics = String(this.#registry.contentType).startsWith('application/openmetrics-text')
    return this.type === 'counter' && isOpenMetrics ? this.#fullName.replace(/_total$/, '') : this.#fullName
  }

  set name(_: string) {}

  /** Under which the registry keeps it. */
  get key(): string {
    return this.#fullName
  }

  /** `false` when `recorder` is of another type. */
  join(recorder: Recorder): boolean {
    if (REGISTRY_TYPES[recorder.type] !== this.type) return false
    this.#recorders.add(recorder)
    return true
  }

  /** @returns whether none is left */
  leave(recorder: Recorder): boolean {
    this.#recorders.delete(recorder)
    return this.#recorders.size === 0
  }

  async get(): Promise<MetricJson & { aggregator: string }> {
    const { name, help, type, aggregator } = this
    const values = await Promise.all([...this.#recorders].map((recorder) => read(recorder, name)))
    return { name, help, type, aggregator, values: values.flat() }
  }

  reset(): void {
    for (const recorder of this.#recorders) recorder.reset()
  }
}

async function read(recorder: Recorder, name: string): Promise<ValueJson[]> {
  try {
    return valuesOf(await recorder.collect(), name)
  } catch {
    countFault('registry_adapter')
    return []
  }
}

/** `instanceof` that also holds across two installed copies. */
export function isRegistryAdapter(metric: unknown): boolean {
  return (metric as { [BRAND]?: unknown } | null | undefined)?.[BRAND] === true
}

function valuesOf(family: MetricFamily, name: string): ValueJson[] {
  if (family.type === 'exponential_histogram') return valuesOf(explicitHistogram(family), name)
  const scope = scopeLabels(family)
  if (family.type === 'histogram')
    return family.points.flatMap((point) => histogramValues(name, point, scope))
  return family.points.map((point) => ({
    value: (point as NumberPoint).value,
    labels: { ...labelsOf(point.attributes), ...scope },
  }))
}

/** As in our own exposition: they tell instruments of one name from several meters apart. */
function scopeLabels({ scope }: MetricFamily): Labels {
  const labels: Labels = {}
  if (scope?.name) labels['otel_scope_name'] = scope.name
  if (scope?.version) labels['otel_scope_version'] = scope.version
  if (scope?.schemaUrl) labels['otel_scope_schema_url'] = scope.schemaUrl
  return labels
}

function histogramValues(name: string, point: HistogramPoint, scope: Labels): ValueJson[] {
  const labels = { ...labelsOf(point.attributes), ...scope }
  const values: ValueJson[] = []
  let cumulated = 0
  for (let i = 0; i <= point.bounds.length; i++) {
    cumulated += point.bucketCounts[i] ?? 0
    const bucket = { le: point.bounds[i] ?? '+Inf', ...labels }
    const exemplar = exemplarOf(point.exemplars?.[i])
    values.push({ labels: bucket, value: cumulated, metricName: `${name}_bucket`, exemplar })
  }
  values.push({ labels, value: point.sum, metricName: `${name}_sum` })
  values.push({ labels, value: point.count, metricName: `${name}_count` })
  return values
}

function labelsOf(attributes: FlatAttributes): Labels {
  const labels: Labels = {}
  for (let i = 0; i < attributes.length; i += 2) {
    const value = attributes[i + 1]
    labels[prometheusLabel(attributes[i] as string)] = typeof value === 'number' ? value : String(value)
  }
  return labels
}

function exemplarOf(exemplar: Exemplar | undefined): ValueJson['exemplar'] {
  if (exemplar === undefined) return undefined
  return {
    labelSet: { trace_id: exemplar.traceId, span_id: exemplar.spanId },
    value: exemplar.value,
    timestamp: exemplar.timeUnixMs / 1_000,
  }
}
