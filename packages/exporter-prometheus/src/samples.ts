import {
  countFault,
  type ExplicitMetricFamily,
  type FlatAttributes,
  type HistogramPoint,
  type InstrumentationScope,
  type NumberPoint,
  type SummaryPoint,
} from '@hashira/core'
import type { ExposedFamily } from './exposed-family'
import { type Format, formatNumber } from './format'
import { formatLabels } from './labels'

/** The sample lines of one family, a text per series. A series that is there already is left out and counted. */
export function* formatSeries(family: ExposedFamily, format: Format): Generator<string> {
  const seen = new Set<string>()
  const write = seriesWriter(family, format)
  for (const member of family.members) {
    const scope = scopeAttributes(member.scope)
    for (const point of member.points) {
      const attributes = scope.length === 0 ? point.attributes : [...point.attributes, ...scope]
      const labels = formatLabels(attributes, member.naming, RESERVED[member.type])
      if (seen.has(labels)) {
        countFault('metric_series_conflict')
        continue
      }
      seen.add(labels)
      yield write(labels, point)
    }
  }
}

/** Two meters may have an instrument of one name; these labels tell them apart (OpenTelemetry specification, Prometheus compatibility). */
function scopeAttributes(scope: InstrumentationScope | undefined): FlatAttributes {
  if (scope === undefined) return []
  return [
    ...['otel_scope_name', scope.name],
    ...['otel_scope_version', scope.version ?? ''],
    ...['otel_scope_schema_url', scope.schemaUrl ?? ''],
  ]
}

const RESERVED: Partial<Record<ExplicitMetricFamily['type'], string>> = {
  histogram: 'le',
  summary: 'quantile',
}

type Point = ExplicitMetricFamily['points'][number]
type Writer = (labels: string, point: Point) => string

function seriesWriter(family: ExposedFamily, format: Format): Writer {
  if (family.type === 'histogram') return histogramWriter(family, format)
  if (family.type === 'summary')
    return (labels, point) => formatSummary(family.name, labels, point as SummaryPoint, format)
  const hasExemplars = format.takesExemplars(family)
  return (labels, point) => {
    const { value, exemplar } = point as NumberPoint
    const suffix = hasExemplars && exemplar !== undefined ? format.exemplar(exemplar) : ''
    return `${sample(family.name, labels)} ${formatNumber(value)}${suffix}\n`
  }
}

function histogramWriter({ name }: ExposedFamily, format: Format): Writer {
  let bounds: readonly number[] | undefined
  let ends: string[] = []
  return (labels, point) => {
    const histogram = point as HistogramPoint
    if (histogram.bounds !== bounds) {
      bounds = histogram.bounds
      ends = [...bounds.map((bound) => `le="${format.bound(bound)}"} `), 'le="+Inf"} ']
    }
    const start = labels === '' ? `${name}_bucket{` : `${name}_bucket{${labels},`
    let text = ''
    let cumulated = 0
    for (let i = 0; i < ends.length; i++) {
      cumulated += histogram.bucketCounts[i] ?? 0
      const exemplar = histogram.exemplars?.[i]
      text += `${start}${ends[i]}${cumulated}${exemplar === undefined ? '' : format.exemplar(exemplar)}\n`
    }
    return `${text}${sample(`${name}_sum`, labels)} ${formatNumber(histogram.sum)}\n${sample(`${name}_count`, labels)} ${formatNumber(histogram.count)}\n`
  }
}

function formatSummary(name: string, labels: string, point: SummaryPoint, format: Format): string {
  const start = labels === '' ? `${name}{` : `${name}{${labels},`
  let text = ''
  for (const { quantile, value } of point.quantiles)
    text += `${start}quantile="${format.bound(quantile)}"} ${formatNumber(value)}\n`
  return `${text}${sample(`${name}_sum`, labels)} ${formatNumber(point.sum)}\n${sample(`${name}_count`, labels)} ${formatNumber(point.count)}\n`
}

function sample(name: string, labels: string): string {
  return labels === '' ? name : `${name}{${labels}}`
}
