import {
  addMetricSource,
  countFault,
  type Exporter,
  hooksMetricSource,
  ignoreRejection,
  type Resource,
} from '@hashira/core'
import {
  enableTracing,
  type Sampler,
  settleTail,
  tailMetricSource,
  tracingMetricSource,
} from '@hashira/tracing'
import type { Settings } from './settings'
import type { Telemetry } from './telemetry'

/** Brings tracing to life. Returns the functions that end what goes on beside it. */
export function startTracing(
  settings: Settings,
  sampler: Sampler,
  telemetry: Telemetry,
  exporters: readonly Exporter[],
  resource: Resource,
): (() => void)[] {
  enableTracing({
    sampler,
    limits: {
      attributeCountLimit: settings.spanAttributeCountLimit,
      attributeValueLengthLimit: settings.spanAttributeValueLengthLimit,
      eventCountLimit: settings.spanEventCountLimit,
      linkCountLimit: settings.spanLinkCountLimit,
      attributePerEventCountLimit: settings.eventAttributeCountLimit,
      attributePerLinkCountLimit: settings.linkAttributeCountLimit,
    },
    sinks: telemetry.sinks,
    observers: exporters.flatMap(({ traces }) => traces?.observer ?? []),
    processors: settings.spanProcessors,
    timedTraceIds: exporters.some(({ traces }) => traces?.timedTraceIds === true),
    tail: settings.tail
      ? { slowerThanMs: settings.tailSlowerThanMs, maxBytes: settings.tailMaxBytes }
      : undefined,
    onSpanEnd: settings.onSpanEnd,
  })
  return [startSampler(sampler, resource), settleTail]
}

/** Adds the metrics about tracing. Returns the functions that take them out: after the last snapshot. */
export function addTracingMetrics({ tail }: Settings): (() => void)[] {
  const sources = [tracingMetricSource, hooksMetricSource, ...(tail ? [tailMetricSource] : [])]
  return sources.map(addMetricSource)
}

/** A sampler is somebody else's code. Returns the function that ends it. */
function startSampler(sampler: Sampler, resource: Resource): () => void {
  const guarded = (call: () => unknown) => {
    try {
      ignoreRejection(call(), 'sampler')
    } catch {
      countFault('sampler')
    }
  }
  guarded(() => sampler.start?.(resource))
  return () => guarded(() => sampler.close?.())
}
