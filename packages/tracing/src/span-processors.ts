import { countFault, ignoreRejection } from '@hashira/core'
import type { Context, SpanContext } from '@opentelemetry/api'
import type { HashiraSpan } from './hashira-span'
import { ProcessedSpan } from './processed-span'
import type { SpanData } from './span-data'

/**
 * OpenTelemetry's SpanProcessor, of its SDK 1.x or 2.x (trace SDK, "Span processor"). It gets a {@link ProcessedSpan}, which is
 * what either version types as its own Span and ReadableSpan; `never` lets both fit.
 */
export interface SpanProcessor {
  onStart(span: never, parentContext: Context): void
  onEnd(span: never): void
  forceFlush(): Promise<void>
  shutdown(): Promise<void>
}

/** All processors as one. What one throws, or a promise that it returns rejects with, is counted as `span_processor`. */
export class SpanProcessors {
  readonly #processors: readonly SpanProcessor[]

  constructor(processors: readonly SpanProcessor[]) {
    this.#processors = [...processors]
  }

  started(span: HashiraSpan, data: SpanData, parent: SpanContext | undefined, context: Context): void {
    const processed = new ProcessedSpan(span, data, parent)
    data.processed = processed
    for (const processor of this.#processors) guarded(() => processor.onStart(processed as never, context))
  }

  /** Those that started before there was a processor are none of theirs. */
  ended(data: SpanData): void {
    const { processed } = data
    if (processed === undefined) return
    processed.freeze()
    for (const processor of this.#processors) guarded(() => processor.onEnd(processed as never))
  }
}

function guarded(call: () => unknown): void {
  try {
    ignoreRejection(call(), 'span_processor')
  } catch {
    countFault('span_processor')
  }
}
