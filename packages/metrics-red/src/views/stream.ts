import { type InstrumentationScope, warnOnce } from '@hashira/core'
import { DEFAULT_EXPONENTIAL_LAYOUT, type ExponentialLayout } from '../exponential-handle'
import { DEFAULT_MAX_SERIES } from '../series-table'
import type { InstrumentType, MetricView } from './metric-view'

/** What is known of an instrument before anything is measured. */
export interface InstrumentDescription {
  readonly name: string
  readonly type: InstrumentType
  readonly description: string
  readonly unit: string
  /** Absent for Hashira's own. */
  readonly scope: InstrumentationScope | undefined
  /** A histogram's own buckets, without a view's. */
  readonly bounds: readonly number[]
}

/** One metric that an instrument's measurements become. */
export interface Stream {
  readonly name: string
  readonly description: string
  readonly unit: string
  readonly scope: InstrumentationScope | undefined
  /** A view's allow-list; `undefined` is all. */
  readonly attributeKeys: ReadonlySet<string> | undefined
  readonly maxSeries: number
  /** Of a histogram: exponential if there is a layout, otherwise with explicit bounds. */
  readonly bounds: readonly number[]
  readonly exponential: ExponentialLayout | undefined
}

/** Hashira's own metrics have no scope in snapshots; this is what a view calls it. */
const OWN_METER = 'hashira'

/**
 * The metrics that `instrument` becomes with `views`: one for each view that matches and does not drop it, one by default when
 * none matches. Of several under one name only the first is made.
 *
 * @param maxSeries without a view's; default 2,000
 */
export function streamsOf(
  instrument: InstrumentDescription,
  views: readonly MetricView[],
  maxSeries: number = DEFAULT_MAX_SERIES,
): readonly Stream[] {
  const matching = views.filter((view) => matches(view, instrument))
  if (matching.length === 0) return [streamOf(instrument, {}, maxSeries)]
  const streams: Stream[] = []
  for (const view of matching) {
    if (view.aggregation === 'drop') continue
    const stream = streamOf(instrument, view, maxSeries)
    if (streams.every(({ name }) => name.toLowerCase() !== stream.name.toLowerCase())) streams.push(stream)
    else warnDuplicate(instrument, stream)
  }
  return streams
}

function streamOf(instrument: InstrumentDescription, view: Partial<MetricView>, maxSeries: number): Stream {
  const isExponential = view.aggregation === 'base2_exponential_bucket_histogram'
  const isHistogram = instrument.type === 'HISTOGRAM'
  if (!isHistogram && (isExponential || view.aggregation === 'explicit_bucket_histogram'))
    warnNoHistogram(instrument)
  const layout = {
    maxSize: view.maxSize ?? DEFAULT_EXPONENTIAL_LAYOUT.maxSize,
    maxScale: view.maxScale ?? DEFAULT_EXPONENTIAL_LAYOUT.maxScale,
  }
  return {
    name: view.name ?? instrument.name,
    description: view.description ?? instrument.description,
    unit: instrument.unit,
    scope: instrument.scope,
    attributeKeys: view.attributeKeys && new Set(view.attributeKeys),
    maxSeries: view.maxSeries ?? maxSeries,
    bounds: view.buckets ?? instrument.bounds,
    exponential: isHistogram && isExponential ? layout : undefined,
  }
}

function matches(view: MetricView, { name, type, unit, scope }: InstrumentDescription): boolean {
  const is = (wanted: string | undefined, actual: string | undefined) =>
    wanted === undefined || wanted === actual
  return (
    (view.instrumentName === undefined || pattern(view.instrumentName).test(name)) &&
    is(view.instrumentType, type) &&
    is(view.instrumentUnit, unit) &&
    is(view.meterName, scope === undefined ? OWN_METER : scope.name) &&
    is(view.meterVersion, scope?.version) &&
    is(view.meterSchemaUrl, scope?.schemaUrl)
  )
}

function pattern(wildcards: string): RegExp {
  const escaped = wildcards.replace(/[\\^$.+()|[\]{}]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'is')
}

function warnDuplicate(instrument: InstrumentDescription, { name }: Stream): void {
  warnOnce(
    'HASHIRA_METRIC_CONFLICT',
    `${instrument.name}: several views make a metric ${name} of it; the first one holds. Give the others a name`,
  )
}

function warnNoHistogram({ name, type }: InstrumentDescription): void {
  warnOnce(
    'HASHIRA_METRIC_CONFLICT',
    `${name}: a view asks for a histogram of a ${type}; it stays what it is by default`,
  )
}
