import type { Span } from '@opentelemetry/api'
import type { RequestFields } from './annotations/request-fields'

/** A unit of work that RED metrics are about: one server request. Adapters implement it, the context carries it. */
export interface Operation {
  /** The operation's own span. */
  readonly span?: Span | undefined
  /**
   * What `annotate()` was given; it reads and sets this. Contexts keep operations alive for hours, so one that is over lets its
   * fields go and takes no new ones.
   */
  fields?: RequestFields | undefined
  /** Marks the operation as failed by `error`; the first error wins. Never throws. */
  recordError(error: unknown): void
}
