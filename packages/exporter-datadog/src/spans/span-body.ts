import type { Buffer } from 'node:buffer'
import type { TaggedSpan } from './write-tags'

/** The open batch in one version of the agent's protocol. */
export interface SpanBody {
  readonly byteLength: number
  readonly chunkCount: number
  isNewTrace(traceId: string): boolean
  /** Writes a span. When it throws, the batch is as it was before. */
  append(span: TaggedSpan): void
  /** Closes the batch. The first `headLength` bytes are the caller's, and not written. */
  take(headLength: number): Buffer
}
