import { type MetricSource, type NumberPoint, shared } from '@hashira/core'
import { SpanStatusCode } from '@opentelemetry/api'
import type { LocalTrace, Refusals } from './local-trace'
import type { SpanData } from './span-data'
import { spanBytes } from './span-size'
import { WaitingTraces } from './waiting-traces'

/** Which traces are kept although the sampler left them out. */
export interface TailOptions {
  /** Traces with an error in any of their spans. Default `true`. */
  readonly errors?: boolean | undefined
  /** Traces whose root in this process took at least so long. Default 1,000. */
  readonly slowerThanMs?: number | undefined
  /** Memory for spans that wait for their root. Beyond it the oldest waiting trace is given up, and counted. Default 16 MiB. */
  readonly maxBytes?: number | undefined
  /** How long a trace waits for its root to end; then what it has so far decides. Default 60,000. */
  readonly maxWaitMs?: number | undefined
}

/** Who gets the spans of a decided trace. */
export interface TailOutlet {
  /** They count as sampled from here on; `refusals` are what a hook refused of them. */
  keep(spans: readonly SpanData[], refusals: Refusals): void
  drop(spans: readonly SpanData[]): void
}

export type TailResult = 'kept_error' | 'kept_slow' | 'dropped' | 'evicted' | 'expired'

/** A LocalTrace with its list, as the heap of Node 20 and 24 grows by it: 130 to 150 bytes. */
const TRACE_BYTES = 150

const counts = shared('tracing.tail', () => ({
  results: new Map<TailResult, number>(),
  bytes: 0,
  startTimeUnixMs: Date.now(),
}))

/**
 * Keeps the traces that one looks for, whatever the sampler said: what it left out is recorded all the same and waits here
 * until the root of this process ends; then the whole local trace is handed over, or let go. Spans that were sampled at the
 * start never wait.
 *
 * Other services decide for themselves: the `traceparent` that left says "not sampled".
 */
export class TailKeeper {
  readonly #errors: boolean
  readonly #slowerThanMs: number
  readonly #maxBytes: number
  readonly #maxWaitMs: number
  readonly #outlet: TailOutlet
  /** In the order of their first held span. */
  readonly #waiting = new WaitingTraces()
  #bytes = 0

  constructor(options: TailOptions, outlet: TailOutlet) {
    this.#errors = options.errors ?? true
    this.#slowerThanMs = options.slowerThanMs ?? 1_000
    this.#maxBytes = options.maxBytes ?? 16 * 1024 * 1024
    this.#maxWaitMs = options.maxWaitMs ?? 60_000
    this.#outlet = outlet
  }

  /** A span of a trace that is not sampled has ended. `refusal` is a hook's. */
  ended(trace: LocalTrace, data: SpanData, refusal: string | undefined): void {
    trace.hasError ||= data.statusCode === SpanStatusCode.ERROR
    if (trace.decision !== 'waiting') this.#late(trace, data, refusal)
    else {
      if (refusal === undefined) this.#hold(trace, data)
      else trace.refuse(refusal)
      if (data.spanId === trace.rootSpanId) this.#decide(trace, durationMs(data))
      else this.#makeRoom()
    }
  }

  /** A span was taken back. Without its root the trace is decided by what it has. */
  discarded(trace: LocalTrace, spanId: string, reason: string): void {
    if (trace.decision === 'kept') this.#outlet.keep([], new Map([[reason, 1]]))
    if (trace.decision !== 'waiting') return
    trace.refuse(reason)
    if (spanId === trace.rootSpanId) this.#decide(trace, 0)
  }

  /** Tracing ends: what waits now waits no longer. A sink that makes new spans of these can't make it go on for ever. */
  close(): void {
    for (let left = this.#waiting.size; left > 0; left--) {
      const trace = this.#waiting.oldest
      if (trace !== undefined) this.#decide(trace, 0)
    }
  }

  #late({ decision }: LocalTrace, data: SpanData, refusal: string | undefined): void {
    if (decision === 'kept')
      this.#outlet.keep(
        refusal === undefined ? [data] : [],
        new Map(refusal === undefined ? [] : [[refusal, 1]]),
      )
    else if (refusal === undefined) this.#outlet.drop([data])
  }

  #hold(trace: LocalTrace, data: SpanData): void {
    const bytes = spanBytes(data) + (trace.bytes === 0 ? TRACE_BYTES : 0)
    trace.hold(data, bytes)
    this.#addBytes(bytes)
    this.#waiting.add(trace)
  }

  #decide(trace: LocalTrace, rootMs: number): void {
    if (this.#errors && trace.hasError) this.#settle(trace, 'kept_error')
    else this.#settle(trace, rootMs >= this.#slowerThanMs ? 'kept_slow' : 'dropped')
  }

  #settle(trace: LocalTrace, result: TailResult): void {
    const kept = result.startsWith('kept')
    this.#waiting.delete(trace)
    this.#addBytes(-trace.bytes)
    const { spans, refusals } = trace.settle(kept ? 'kept' : 'dropped')
    counts.results.set(result, (counts.results.get(result) ?? 0) + 1)
    if (kept) this.#outlet.keep(spans, refusals)
    else this.#outlet.drop(spans)
  }

  #makeRoom(): void {
    const latestMs = performance.now() - this.#maxWaitMs
    for (let trace = this.#waiting.oldest; trace !== undefined; trace = this.#waiting.oldest) {
      if (this.#bytes > this.#maxBytes) this.#settle(trace, 'evicted')
      else if (trace.sinceMs > latestMs) return
      else if (this.#errors && trace.hasError) this.#settle(trace, 'kept_error')
      else this.#settle(trace, 'expired')
    }
  }

  #addBytes(bytes: number): void {
    this.#bytes += bytes
    counts.bytes += bytes
  }
}

function durationMs(data: SpanData): number {
  return (data.endSeconds - data.startSeconds) * 1_000 + (data.endNanos - data.startNanos) / 1e6
}

/** `hashira.tail.traces` by what became of them, and the memory that waiting spans take. */
export const tailMetricSource: MetricSource = {
  name: 'hashira.tail',
  collect: () => {
    const { results, bytes, startTimeUnixMs } = counts
    const points: NumberPoint[] = [...results].map(([result, value]) => ({
      attributes: ['result', result],
      startTimeUnixMs,
      value,
    }))
    const size: NumberPoint[] = [{ attributes: [], startTimeUnixMs, value: bytes }]
    const base = { naming: 'opentelemetry' } as const
    const description = 'Traces that the sampler left out, by what the tail keeper made of them'
    return {
      families: [
        { ...base, name: 'hashira.tail.traces', type: 'counter', unit: '{trace}', description, points },
        {
          ...base,
          name: 'hashira.tail.size',
          type: 'updowncounter',
          unit: 'By',
          description: 'Memory of spans that wait for their root',
          points: size,
        },
      ],
    }
  },
}
