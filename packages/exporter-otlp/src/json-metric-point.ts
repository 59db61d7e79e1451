import type {
  Exemplar,
  ExponentialBuckets,
  ExponentialHistogramPoint,
  HistogramPoint,
  MetricFamily,
  NumberPoint,
  SummaryPoint,
} from '@hashira/core'
import { jsonAttributes, jsonCount, jsonDouble, jsonId, jsonUnixMs, unlessEmpty } from './json-value'

/** One data point of `family`. */
export function jsonPoint(family: MetricFamily, index: number, timeUnixMs: number): object {
  const point = family.points[index]!
  return {
    startTimeUnixNano: jsonUnixMs(point.startTimeUnixMs),
    timeUnixNano: jsonUnixMs(timeUnixMs),
    attributes: jsonAttributes(point.attributes),
    ...valueFields(family, point),
  }
}

function valueFields({ type }: MetricFamily, point: MetricFamily['points'][number]): object {
  if (type === 'histogram') return histogramFields(point as HistogramPoint)
  if (type === 'exponential_histogram') return exponentialFields(point as ExponentialHistogramPoint)
  if (type === 'summary') return summaryFields(point as SummaryPoint)
  return numberFields(point as NumberPoint)
}

function numberFields(point: NumberPoint): object {
  return {
    asDouble: jsonDouble(point.value),
    exemplars: point.exemplar === undefined ? undefined : [jsonExemplar(point.exemplar)],
  }
}

function histogramFields(point: HistogramPoint): object {
  const exemplars = (point.exemplars ?? []).filter((exemplar) => exemplar !== undefined)
  return {
    count: jsonCount(point.count),
    sum: jsonDouble(point.sum),
    bucketCounts: Array.from(point.bucketCounts, jsonCount),
    explicitBounds: point.bounds.map(jsonDouble),
    exemplars: exemplars.length > 0 ? exemplars.map(jsonExemplar) : undefined,
    min: optionalDouble(point.min),
    max: optionalDouble(point.max),
  }
}

function exponentialFields(point: ExponentialHistogramPoint): object {
  const { exemplars = [], min, max, zeroThreshold } = point
  return {
    count: jsonCount(point.count),
    sum: jsonDouble(point.sum),
    scale: point.scale,
    zeroCount: jsonCount(point.zeroCount),
    positive: jsonBuckets(point.positive),
    negative: jsonBuckets(point.negative),
    exemplars: exemplars.length > 0 ? exemplars.map(jsonExemplar) : undefined,
    min: optionalDouble(min),
    max: optionalDouble(max),
    zeroThreshold: zeroThreshold && unlessEmpty(zeroThreshold),
  }
}

function jsonBuckets({ offset, bucketCounts }: ExponentialBuckets): object | undefined {
  if (bucketCounts.length === 0) return undefined
  return { offset, bucketCounts: Array.from(bucketCounts, jsonCount) }
}

function summaryFields(point: SummaryPoint): object {
  const quantileValues = point.quantiles.map(({ quantile, value }) => ({
    quantile: jsonDouble(quantile),
    value: jsonDouble(value),
  }))
  return { count: jsonCount(point.count), sum: jsonDouble(point.sum), quantileValues }
}

function jsonExemplar(exemplar: Exemplar): object {
  return {
    timeUnixNano: jsonUnixMs(exemplar.timeUnixMs),
    asDouble: jsonDouble(exemplar.value),
    spanId: exemplar.spanId && jsonId(exemplar.spanId, 16),
    traceId: exemplar.traceId && jsonId(exemplar.traceId, 32),
    filteredAttributes: exemplar.attributes && jsonAttributes(exemplar.attributes),
  }
}

/** Present even when it is zero, unless it is unknown. */
function optionalDouble(value: number | undefined): number | string | undefined {
  return value === undefined ? undefined : jsonDouble(value)
}
