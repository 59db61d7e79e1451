/** A unit of work that RED metrics are about: one server request. Adapters implement it, the context carries it. */
export interface Operation {
  /** Marks the operation as failed by `error`; the first error wins. Never throws. */
  recordError(error: unknown): void
}
