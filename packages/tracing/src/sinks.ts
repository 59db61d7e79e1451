import { countFault, type SpanSink } from '@hashira/core'
import type { SpanData } from './span-data'

/** Gives a span to each sink, each guarded on its own; with a `refusal` it is only counted there. Never throws. */
export function feedSinks(sinks: readonly SpanSink[], data: SpanData, refusal: string | undefined): void {
  if (refusal !== undefined) refuseFor(sinks, refusal)
  else for (let i = 0; i < sinks.length; i++) append(sinks[i]!, data)
}

/** Counts a span that nobody gets. Never throws. */
export function refuseFor(sinks: readonly SpanSink[], reason: string): void {
  for (const sink of sinks) {
    try {
      sink.refuse(reason)
    } catch {
      countFault('sink')
    }
  }
}

function append(sink: SpanSink, data: SpanData): void {
  try {
    sink.append(data)
  } catch {
    countFault('sink')
  }
}
