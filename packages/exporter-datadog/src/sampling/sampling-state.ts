import type { TraceDecision } from '../spans/trace-decision'
import { AgentRates } from './agent-rates'

/**
 * What exporter and sampler share: `OTEL_TRACES_SAMPLER=datadog` makes a sampler that no exporter was given, and rates come with the
 * exporter's answers.
 */
class SamplingState {
  readonly rates = new AgentRates()
  /** Says why a trace that began here at a time (Unix ms) was kept; of the sampler in use, if it is one of this package. */
  decide: ((startUnixMs: number) => TraceDecision) | undefined
  /** Each says whether an exporter counts every span, so that those that are not sampled must be recorded. */
  readonly countsAll = new Set<() => boolean>()
  #droppedTraces = 0
  #droppedSpans = 0

  get recordsAll(): boolean {
    for (const counts of this.countsAll) if (counts()) return true
    return false
  }

  droppedTrace(): void {
    this.#droppedTraces++
  }

  droppedSpan(): void {
    this.#droppedSpans++
  }

  takeDropped(): { traces: number; spans: number } {
    const taken = { traces: this.#droppedTraces, spans: this.#droppedSpans }
    this.#droppedTraces = 0
    this.#droppedSpans = 0
    return taken
  }

  putBackDropped(traces: number, spans: number): void {
    this.#droppedTraces += traces
    this.#droppedSpans += spans
  }
}

export const sampling = new SamplingState()
