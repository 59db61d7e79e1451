import { type Exporter, type ResolvedOptions, resolveOptions, urlOption } from '@hashira/core'
import {
  appendPath,
  createOtlpExporter,
  type OtlpOptions,
  otlpOptionTable,
  signalSettings,
} from '@hashira/exporter-otlp'

/** What Jaeger v2's all-in-one listens on; `OTEL_EXPORTER_OTLP_ENDPOINT` has the same default. */
const DEFAULT_ENDPOINT = 'http://localhost:4318'
const OWN_VARIABLE = 'HASHIRA_JAEGER_ENDPOINT'

/**
 * The options of `otlp()` that concern traces, and one variable more:
 * `endpoint` is also read from `HASHIRA_JAEGER_ENDPOINT`, so that Jaeger and another OTLP backend can be used at once.
 */
export type JaegerOptions = Omit<
  OtlpOptions,
  'metricsEndpoint' | 'logsEndpoint' | 'metricIntervalMs' | 'temporality' | 'histogramAggregation'
>

/**
 * Traces to Jaeger: OTLP over HTTP in protobuf, to `http://localhost:4318/v1/traces` unless something else is set.
 *
 * The first of these that is set wins: `tracesEndpoint` and `endpoint` in code, `HASHIRA_JAEGER_ENDPOINT` (a base URL),
 * `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` (as it is), `OTEL_EXPORTER_OTLP_ENDPOINT` (a base URL).
 * Throws `HASHIRA_OPTION_INVALID` and `HASHIRA_OPTION_UNKNOWN`; opens nothing before Hashira starts.
 */
export function jaeger(options?: JaegerOptions): Exporter {
  const resolved = resolveOptions('jaeger()', optionTable(), options, process.env)
  return createOtlpExporter('jaeger', { traces: signalSettings('traces', urlOf(resolved), resolved) })
}

function optionTable() {
  const { metricsEndpoint, logsEndpoint, metricIntervalMs, temporality, histogramAggregation, ...table } =
    otlpOptionTable('traces')
  return { ...table, endpoint: urlOption([OWN_VARIABLE, 'OTEL_EXPORTER_OTLP_ENDPOINT'], DEFAULT_ENDPOINT) }
}

function urlOf({ values, origins }: ResolvedOptions<ReturnType<typeof optionTable>>): string {
  const { tracesEndpoint, endpoint } = values
  const base = origins.endpoint
  const isOwn = base.from === 'code' || (base.from === 'env' && base.variable === OWN_VARIABLE)
  const asItIs = origins.tracesEndpoint.from === 'code' || !isOwn
  return tracesEndpoint !== undefined && asItIs
    ? new URL(tracesEndpoint).href
    : appendPath(endpoint, 'v1/traces')
}
