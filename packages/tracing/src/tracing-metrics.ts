import type { MetricSource, NumberFamily, NumberPoint } from '@hashira/core'
import { SamplingDecision } from '@opentelemetry/api'
import {
  counters,
  liveCount,
  PARENT_ORIGINS,
  SAMPLING_RESULTS,
  spanCounts,
  startedCount,
} from './span-counts'

const RECORDING = [SamplingDecision.RECORD, SamplingDecision.RECORD_AND_SAMPLED]

/**
 * Metrics about tracing itself: `otel.sdk.span.started` and `otel.sdk.span.live` (OpenTelemetry semantic conventions, "SDK"),
 * and `hashira.spans.created`, `.ended`, `.open` as in {@link spanCounts}, `hashira.spans.orphaned` as in {@link countOrphan}.
 */
export const tracingMetricSource: MetricSource = {
  name: 'hashira.tracing',
  collect() {
    const { created, ended, open } = spanCounts()
    return {
      families: [
        family('otel.sdk.span.started', 'counter', 'Spans started, recorded or not', startedPoints()),
        family('otel.sdk.span.live', 'updowncounter', 'Recording spans that have not ended', livePoints()),
        family('hashira.spans.created', 'counter', 'Recording spans started', [point([], created)]),
        family('hashira.spans.ended', 'counter', 'Recording spans ended', [point([], ended)]),
        family('hashira.spans.open', 'updowncounter', 'Recording spans that have not ended', [
          point([], open),
        ]),
        family(
          'hashira.spans.orphaned',
          'counter',
          'Spans that began a trace outside of any request while a request was under way',
          [point([], counters.orphaned)],
        ),
      ],
    }
  },
}

function family(
  name: string,
  type: NumberFamily['type'],
  description: string,
  points: NumberPoint[],
): NumberFamily {
  return { name, naming: 'opentelemetry', description, unit: '{span}', type, points }
}

function point(attributes: string[], value: number): NumberPoint {
  return { attributes, startTimeUnixMs: counters.startTimeUnixMs, value }
}

/** A combination that never happened is no series. */
function startedPoints(): NumberPoint[] {
  const points: NumberPoint[] = []
  SAMPLING_RESULTS.forEach((result, decision) => {
    PARENT_ORIGINS.forEach((origin, index) => {
      const value = startedCount(decision, index)
      const attributes = ['otel.span.parent.origin', origin, 'otel.span.sampling_result', result]
      if (value > 0) points.push(point(attributes, value))
    })
  })
  return points
}

function livePoints(): NumberPoint[] {
  return RECORDING.map((decision) =>
    point(['otel.span.sampling_result', SAMPLING_RESULTS[decision]!], liveCount(decision)),
  )
}
