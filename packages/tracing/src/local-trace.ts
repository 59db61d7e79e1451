import type { SpanData } from './span-data'

/** What became of a local trace: still waiting, or decided. */
export type TailDecision = 'waiting' | 'kept' | 'dropped'

/** How many spans were refused, by reason. */
export type Refusals = ReadonlyMap<string, number>

const NO_REFUSALS: Refusals = new Map()

/**
 * The spans of one trace in this process that the head decision left out, until the tail keeper decides about all of them.
 * Every span of the trace refers to it, and a context may refer to a span for hours: once decided it is a word, a few numbers and an empty list.
 */
export class LocalTrace {
  decision: TailDecision = 'waiting'
  /** The span that the trace began with in this process. */
  readonly rootSpanId: string
  /** By `performance.now()`. */
  readonly sinceMs: number
  bytes = 0
  hasError = false
  /** @internal Its neighbours while it waits: of `WaitingTraces`. */
  older: LocalTrace | undefined = undefined
  /** @internal */
  newer: LocalTrace | undefined = undefined
  #refusals: Map<string, number> | undefined = undefined
  #held: SpanData[] = []

  constructor(rootSpanId: string, sinceMs: number) {
    this.rootSpanId = rootSpanId
    this.sinceMs = sinceMs
  }

  hold(data: SpanData, bytes: number): void {
    this.#held.push(data)
    this.bytes += bytes
  }

  /** A span that a hook refused, or that was taken back: the sinks count it only if the trace is kept. A root may live for ever, so it is a number. */
  refuse(reason: string): void {
    this.#refusals ??= new Map()
    this.#refusals.set(reason, (this.#refusals.get(reason) ?? 0) + 1)
  }

  /** Decides; what waited comes back, and is let go here. */
  settle(decision: 'kept' | 'dropped'): { readonly spans: readonly SpanData[]; readonly refusals: Refusals } {
    const waited = { spans: this.#held, refusals: this.#refusals ?? NO_REFUSALS }
    this.decision = decision
    this.#held = []
    this.#refusals = undefined
    this.bytes = 0
    return waited
  }
}
