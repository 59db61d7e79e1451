import type { InstrumentationScope, SpanEvent, SpanLink, SpanRecord, SpanSink } from '@hashira/core'
import {
  alwaysOnSampler,
  enableTracing,
  parentBasedSampler,
  type TracingSettings,
  tailMetricSource,
} from '@hashira/tracing'
import type { Attributes } from '@opentelemetry/api'

/** What a sink saw, copied: a record is valid only during the call. */
export interface SeenSpan extends Omit<SpanRecord, 'attributes' | 'events' | 'links'> {
  readonly scope: InstrumentationScope
  readonly attributes: Attributes
  readonly droppedAttributesCount: number
  readonly events: (Omit<SpanEvent, 'attributes'> & {
    attributes: Attributes
    droppedAttributesCount: number
  })[]
  readonly links: (Omit<SpanLink, 'attributes'> & {
    attributes: Attributes
    droppedAttributesCount: number
  })[]
}

export class SeeingSink implements SpanSink {
  readonly spans: SeenSpan[] = []
  readonly refused: string[] = []

  append(record: SpanRecord): void {
    this.spans.push({
      ...record,
      attributes: Object.fromEntries(record.attributes),
      droppedAttributesCount: record.attributes.droppedCount,
      events: record.events.map(flattened),
      links: record.links.map(flattened),
    })
  }

  refuse(reason: string): void {
    this.refused.push(reason)
  }

  /** The only span since the last call. */
  one(): SeenSpan {
    const spans = this.spans.splice(0)
    if (spans.length !== 1) throw new Error(`${spans.length} spans instead of 1`)
    return spans[0]!
  }
}

function flattened<T extends { attributes: SpanRecord['attributes'] }>(
  item: T,
): Omit<T, 'attributes'> & { attributes: Attributes; droppedAttributesCount: number } {
  return {
    ...item,
    attributes: Object.fromEntries(item.attributes),
    droppedAttributesCount: item.attributes.droppedCount,
  }
}

/** Tracing on, everything sampled, into a new sink. */
export function record(settings: Partial<TracingSettings> = {}): SeeingSink {
  const sink = new SeeingSink()
  enableTracing({ sampler: parentBasedSampler(alwaysOnSampler), sinks: [sink], ...settings })
  return sink
}

/** Decided traces by result, and the bytes that wait as `size`. */
export async function tailResults(): Promise<Record<string, number>> {
  const { families } = await tailMetricSource.collect()
  const [traces, size] = families as unknown as {
    points: { attributes: readonly string[]; value: number }[]
  }[]
  return {
    ...Object.fromEntries(traces!.points.map(({ attributes, value }) => [attributes[1], value])),
    size: size!.points[0]!.value,
  }
}
