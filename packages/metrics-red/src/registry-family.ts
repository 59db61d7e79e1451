import type {
  Exemplar,
  FlatAttributes,
  HistogramPoint,
  MetricFamily,
  NumberFamily,
  SummaryPoint,
} from '@hashira/core'
import type { ExemplarJson, MetricJson, ValueJson } from './registry-like'

type Labels = Readonly<Record<string, unknown>>

/** prom-client's counters don't tell since when they count. */
const startTimeUnixMs = Math.round(Date.now() - performance.now())

/**
 * A prom-client metric's JSON as a family with the name that it has in Prometheus.
 *
 * @param defaults the registry's default labels; a metric's own label of the same name wins
 */
export function familyOf(json: MetricJson, name: string, defaults: Labels): MetricFamily {
  const values = json.values ?? []
  const base = { name, naming: 'prometheus', description: String(json.help ?? ''), unit: '' } as const
  if (json.type === 'histogram')
    return { ...base, type: 'histogram', points: histogramPoints(name, values, defaults) }
  if (json.type === 'summary')
    return { ...base, type: 'summary', points: summaryPoints(name, values, defaults) }
  return { ...base, type: numberType(json.type), points: values.map((value) => numberPoint(value, defaults)) }
}

function numberType(type: unknown): NumberFamily['type'] {
  return type === 'counter' || type === 'gauge' ? type : 'unknown'
}

function numberPoint(value: ValueJson, defaults: Labels) {
  const attributes = attributesOf(value.labels ?? {}, defaults, '')
  return { attributes, startTimeUnixMs, value: value.value, exemplar: exemplarOf(value.exemplar) }
}

function histogramPoints(name: string, values: readonly ValueJson[], defaults: Labels): HistogramPoint[] {
  return [...seriesOf(values, 'le')].map((series) => {
    const buckets = series
      .filter((value) => value.metricName === `${name}_bucket`)
      .map((value) => ({ bound: boundOf(value.labels?.['le']), value }))
      .sort((a, b) => a.bound - b.bound)
    const bucketCounts = buckets.map(({ value }, i) => value.value - (buckets[i - 1]?.value.value ?? 0))
    return {
      attributes: attributesOf(allLabels(series[0] as ValueJson), defaults, 'le'),
      startTimeUnixMs,
      count: find(series, `${name}_count`),
      sum: find(series, `${name}_sum`),
      bounds: buckets.map(({ bound }) => bound).filter((bound) => bound !== Number.POSITIVE_INFINITY),
      bucketCounts,
      exemplars: buckets.map(({ value }) => exemplarOf(value.exemplar)),
    }
  })
}

function boundOf(le: unknown): number {
  return le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)
}

function summaryPoints(name: string, values: readonly ValueJson[], defaults: Labels): SummaryPoint[] {
  return [...seriesOf(values, 'quantile')].map((series) => ({
    attributes: attributesOf(allLabels(series[0] as ValueJson), defaults, 'quantile'),
    startTimeUnixMs,
    count: find(series, `${name}_count`),
    sum: find(series, `${name}_sum`),
    quantiles: series
      .filter((value) => value.metricName === undefined)
      .map((value) => ({ quantile: Number(value.labels?.['quantile']), value: value.value })),
  }))
}

/** The values of each series: all whose labels are the same but for `except`. */
function seriesOf(values: readonly ValueJson[], except: string): Iterable<ValueJson[]> {
  const series = new Map<unknown, ValueJson[]>()
  for (const value of values) {
    const key = value.sharedLabels ?? keyOf(value.labels ?? {}, except)
    const before = series.get(key)
    if (before === undefined) series.set(key, [value])
    else before.push(value)
  }
  return series.values()
}

function keyOf(labels: Labels, except: string): string {
  const pairs = Object.keys(labels)
    .filter((name) => name !== except)
    .sort()
    .map((name) => [name, String(labels[name])])
  return JSON.stringify(pairs)
}

function find(series: readonly ValueJson[], metricName: string): number {
  return series.find((value) => value.metricName === metricName)?.value ?? 0
}

function allLabels(value: ValueJson): Labels {
  return value.sharedLabels === undefined ? (value.labels ?? {}) : { ...value.labels, ...value.sharedLabels }
}

// The order of prom-client's own text: the metric's labels, then the default labels that it lacks.
function attributesOf(labels: Labels, defaults: Labels, except: string): FlatAttributes {
  const attributes: (string | number | boolean)[] = []
  for (const [name, value] of Object.entries(labels)) {
    if (name !== except) attributes.push(name, plain(value))
  }
  for (const [name, value] of Object.entries(defaults)) {
    if (!Object.hasOwn(labels, name)) attributes.push(name, plain(value))
  }
  return attributes
}

function plain(value: unknown): string | number | boolean {
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value)
}

function exemplarOf(exemplar: ExemplarJson | null | undefined): Exemplar | undefined {
  if (exemplar === null || exemplar === undefined) return undefined
  const { trace_id: traceId, span_id: spanId, ...rest } = exemplar.labelSet ?? {}
  return {
    value: exemplar.value,
    timeUnixMs: (exemplar.timestamp ?? Date.now() / 1_000) * 1_000,
    traceId: traceId === undefined ? undefined : String(traceId),
    spanId: spanId === undefined ? undefined : String(spanId),
    attributes: Object.entries(rest).flatMap(([name, value]) => [name, plain(value)]),
  }
}
