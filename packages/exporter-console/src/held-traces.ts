import type { EndedSpan } from './trace-span'
import { childrenByParent } from './tree-order'

interface HeldTrace {
  readonly traceId: string
  readonly sinceMs: number
  spans: EndedSpan[]
}

export interface HoldLimits {
  /** Spans that wait for their root, all traces together. */
  readonly maxSpans: number
  /** How long a span waits for its root. */
  readonly patienceMs: number
}

/** Spans that ended before their local root did. What can't be held any longer is shown without its root, never lost. */
export class HeldTraces {
  readonly #traces = new Map<string, HeldTrace>()
  readonly #limits: HoldLimits
  #spanCount = 0

  constructor(limits: HoldLimits) {
    this.#limits = limits
  }

  get spanCount(): number {
    return this.#spanCount
  }

  /** Adds ended spans; returns the trees that are complete with them, and those that would be too many to hold. */
  add(spans: readonly EndedSpan[], nowMs: number): EndedSpan[][] {
    const touched = new Set<HeldTrace>()
    for (const span of spans) touched.add(this.#hold(span, nowMs))
    const trees: EndedSpan[][] = []
    for (const trace of touched) trees.push(...this.#takeComplete(trace))
    while (this.#spanCount > this.#limits.maxSpans) trees.push(this.#takeOldest())
    return trees
  }

  /** What waited too long. */
  expired(nowMs: number): EndedSpan[][] {
    const trees: EndedSpan[][] = []
    for (const trace of this.#traces.values()) {
      if (nowMs - trace.sinceMs >= this.#limits.patienceMs) trees.push(this.#take(trace, trace.spans))
    }
    return trees
  }

  all(): EndedSpan[][] {
    return [...this.#traces.values()].map((trace) => this.#take(trace, trace.spans))
  }

  #hold(span: EndedSpan, nowMs: number): HeldTrace {
    const trace = this.#traces.get(span.traceId) ?? { traceId: span.traceId, sinceMs: nowMs, spans: [] }
    this.#traces.set(span.traceId, trace)
    trace.spans.push(span)
    this.#spanCount++
    return trace
  }

  // A service that calls itself has two local roots in one trace: the inner one waits when its parent is already here.
  #takeComplete(trace: HeldTrace): EndedSpan[][] {
    const ids = new Set(trace.spans.map(({ spanId }) => spanId))
    const isTop = ({ isLocalRoot, parentSpanId }: EndedSpan) =>
      isLocalRoot && (parentSpanId === undefined || !ids.has(parentSpanId))
    return trace.spans.filter(isTop).map((root) => this.#take(trace, subtree(root, trace.spans)))
  }

  #takeOldest(): EndedSpan[] {
    const [oldest] = this.#traces.values()
    return oldest === undefined ? [] : this.#take(oldest, oldest.spans)
  }

  #take(trace: HeldTrace, spans: EndedSpan[]): EndedSpan[] {
    this.#spanCount -= spans.length
    const taken = new Set(spans)
    trace.spans = trace.spans.filter((span) => !taken.has(span))
    if (trace.spans.length === 0) this.#traces.delete(trace.traceId)
    return spans
  }
}

function subtree(root: EndedSpan, spans: readonly EndedSpan[]): EndedSpan[] {
  const children = childrenByParent(spans)
  const found = new Set([root])
  for (const span of found) for (const child of children.get(span.spanId) ?? []) found.add(child)
  return [...found]
}
