import type { SpanData } from './span-data'

/** What became of a local trace: still waiting, or decided. */
export type TailDecision = 'waiting' | 'kept' | 'dropped'

/**
 * The spans of one trace in this process that the head decision left out, until the tail keeper decides about all of them.
 * Every span of the trace refers to it, and a context may refer to a span for hours: once decided it is a word and three numbers.
 */
export class LocalTrace {
  decision: TailDecision = 'waiting'
  /** The span that the trace began with in this process. */
  readonly rootSpanId: string
  /** By `performance.now()`. */
  readonly sinceMs: number
  bytes = 0
  hasError = false
  /** Spans that a hook refused: counted by the sinks only if the trace is kept. */
  refusals: string[] = []
  #held: SpanData[] = []

  constructor(rootSpanId: string, sinceMs: number) {
    this.rootSpanId = rootSpanId
    this.sinceMs = sinceMs
  }

  hold(data: SpanData, bytes: number): void {
    this.#held.push(data)
    this.bytes += bytes
  }

  /** Decides; the spans that waited come back, and are let go here. */
  settle(decision: 'kept' | 'dropped'): readonly SpanData[] {
    const held = this.#held
    this.decision = decision
    this.#held = []
    this.bytes = 0
    return held
  }
}
