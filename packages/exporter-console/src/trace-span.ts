/** A span as the renderer wants it: plain, so that spans of several services can be put into one tree. */
export interface TraceSpan {
  readonly name: string
  readonly spanId: string
  readonly parentSpanId?: string | undefined
  /** `service.name`; shown when the tree has more than one. */
  readonly service?: string | undefined
  /** Unix milliseconds, with a fraction. */
  readonly startMs: number
  readonly durationMs: number
  readonly kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer' | undefined
  readonly isError?: boolean | undefined
  /** What went wrong: the status message, or the exception's. */
  readonly errorMessage?: string | undefined
  readonly attributes?: Readonly<Record<string, unknown>> | undefined
}

/** A span with what decides where it is shown. */
export interface EndedSpan extends TraceSpan {
  readonly traceId: string
  readonly isLocalRoot: boolean
}
