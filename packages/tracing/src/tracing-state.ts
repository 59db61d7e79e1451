import { type Sampler, type SpanObserver, type SpanRecord, type SpanSink, shared } from '@hashira/core'
import { randomTraceId, timedTraceId } from './random-ids'
import { defaultSpanLimits, type SpanLimits } from './span-limits'

export interface TracingSettings {
  readonly sampler: Sampler
  /** What is left out is as in {@link defaultSpanLimits}. */
  readonly limits?: Partial<SpanLimits> | undefined
  /** Get every sampled span that ends, each on its own: one that throws is counted (`sink`), the others get it all the same. */
  readonly sinks: readonly SpanSink[]
  /** See every recorded span that ends, sampled or not, after the hook. One that throws is counted (`span_observer`). */
  readonly observers?: readonly SpanObserver[] | undefined
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
  readonly createTraceId: () => string
  readonly onSpanEnd: ((record: SpanRecord) => unknown) | undefined
}

/** Looked at for every span, so tracers taken earlier follow. `undefined`: tracing is off. */
export const tracing = shared<{ active: ActiveTracing | undefined }>('tracing.state', () => ({
  active: undefined,
}))

/** Brings every tracer of the process to life, also those taken before. Called again it replaces the settings. */
export function enableTracing(settings: TracingSettings): void {
  tracing.active = {
    sampler: settings.sampler,
    limits: { ...defaultSpanLimits, ...settings.limits },
    sinks: [...settings.sinks],
    observers: [...(settings.observers ?? [])],
    createTraceId: settings.timedTraceIds === true ? timedTraceId : randomTraceId,
    onSpanEnd: settings.onSpanEnd,
  }
}

/** Makes every tracer inert: it passes the parent's context on and makes no ids. Spans still open go nowhere when they end. */
export function disableTracing(): void {
  tracing.active = undefined
}
