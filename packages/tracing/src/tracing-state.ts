import { type Sampler, type SpanObserver, type SpanRecord, type SpanSink, shared } from '@hashira/core'
import { randomTraceId, timedTraceId } from './random-ids'
import { feedSinks, refuseFor } from './sinks'
import { SAMPLED_FLAG } from './span-context'
import { defaultSpanLimits, type SpanLimits } from './span-limits'
import { type SpanProcessor, SpanProcessors } from './span-processors'
import { TailKeeper, type TailOptions, type TailOutlet } from './tail-keeper'

export interface TracingSettings {
  readonly sampler: Sampler
  /** What is left out is as in {@link defaultSpanLimits}. */
  readonly limits?: Partial<SpanLimits> | undefined
  /** Get every sampled span that ends, each on its own: one that throws is counted (`sink`), the others get it all the same. */
  readonly sinks: readonly SpanSink[]
  /** See every recorded span that ends, sampled or not, after the hook. One that throws is counted (`span_observer`). */
  readonly observers?: readonly SpanObserver[] | undefined
  /** Keeps traces with errors and slow ones although the sampler left them out. Default: nothing. */
  readonly tail?: TailOptions | undefined
  /** OpenTelemetry's: see every recording span when it starts and when it ends. One that throws is counted (`span_processor`). */
  readonly processors?: readonly SpanProcessor[] | undefined
  /** New trace ids begin with the Unix time in seconds, as X-Ray wants; the other 12 bytes are random. Default `false`. */
  readonly timedTraceIds?: boolean | undefined
  /**
   * Sees each sampled span before any sink and may change it: redact attributes, rename. Synchronous.
   * `false` drops the span (reason `hook`). One that throws, or returns a promise, drops it too (reason `hook_error`):
   * what a hook was to redact must not leave.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a hook without a return statement returns void
  readonly onSpanEnd?: ((record: SpanRecord) => void | false) | undefined
}

export interface ActiveTracing {
  readonly sampler: Sampler
  readonly limits: SpanLimits
  readonly sinks: readonly SpanSink[]
  readonly observers: readonly SpanObserver[]
  readonly tail: TailKeeper | undefined
  readonly processors: SpanProcessors | undefined
  /** Whether anybody wants to see recording spans that are not sampled. */
  readonly usesUnsampled: boolean
  readonly createTraceId: () => string
  readonly onSpanEnd: ((record: SpanRecord) => unknown) | undefined
}

/** Looked at for every span, so tracers taken earlier follow. `undefined`: tracing is off. */
export const tracing = shared<{ active: ActiveTracing | undefined }>('tracing.state', () => ({
  active: undefined,
}))

/** Brings every tracer of the process to life, also those taken before. Called again it replaces the settings. */
export function enableTracing(settings: TracingSettings): void {
  tracing.active?.tail?.close()
  const sinks = [...settings.sinks]
  const observers = [...(settings.observers ?? [])]
  const processors = settings.processors?.length ? new SpanProcessors(settings.processors) : undefined
  const tail = settings.tail && new TailKeeper(settings.tail, tailOutlet(sinks, processors))
  tracing.active = {
    sampler: settings.sampler,
    limits: { ...defaultSpanLimits, ...settings.limits },
    sinks,
    observers,
    tail,
    processors,
    usesUnsampled: observers.length > 0 || tail !== undefined || processors !== undefined,
    createTraceId: settings.timedTraceIds === true ? timedTraceId : randomTraceId,
    onSpanEnd: settings.onSpanEnd,
  }
}

/** A trace that is kept is from here on as if it had been sampled; a dropped one as if it had only been recorded. */
function tailOutlet(sinks: readonly SpanSink[], processors: SpanProcessors | undefined): TailOutlet {
  return {
    keep(spans, refusals) {
      for (const data of spans) {
        data.traceFlags |= SAMPLED_FLAG
        processors?.ended(data)
        feedSinks(sinks, data, undefined)
      }
      for (const [reason, count] of refusals) for (let i = 0; i < count; i++) refuseFor(sinks, reason)
    },
    drop(spans) {
      if (processors !== undefined) for (const data of spans) processors.ended(data)
    },
  }
}

/**
 * Makes every tracer inert: it passes the parent's context on and makes no ids. What waits for the tail keeper is decided by
 * what it has so far; spans still open go nowhere when they end.
 */
export function disableTracing(): void {
  settleTail()
  tracing.active = undefined
}

/** What waits for the tail keeper is decided by what it has so far: before the last flush of the process. */
export function settleTail(): void {
  tracing.active?.tail?.close()
}
