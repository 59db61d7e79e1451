import type { MsgpackWriter } from '../msgpack/msgpack-writer'

/**
 * Spans of several traces, written one behind the other as they end, and put together by trace when the batch is closed: Datadog
 * wants the spans of a trace that are sent at once in one chunk.
 *
 * A buffer for each trace would cost an allocation and its growth per trace. Here an append costs one look into a map (none for
 * a trace's further spans in a row), and closing a batch one copy of its bytes.
 */
export class TraceChunks {
  #chunkOf = new Map<string, number>()
  #lastTraceId = ''
  #lastChunk = -1
  /** Per span, in the order of their ends: its chunk and where its bytes end. */
  readonly #chunks: number[] = []
  readonly #ends: number[] = []
  /** Per chunk. */
  readonly #counts: number[] = []

  /** Of the chunks. */
  get count(): number {
    return this.#counts.length
  }

  /** Whether a span of this trace would be the first in the open batch. */
  isNew(traceId: string): boolean {
    return traceId !== this.#lastTraceId && !this.#chunkOf.has(traceId)
  }

  /** A span of this trace was written, up to `end`. Returns its chunk. */
  add(traceId: string, end: number): number {
    if (traceId !== this.#lastTraceId) {
      let chunk = this.#chunkOf.get(traceId)
      if (chunk === undefined) {
        chunk = this.#counts.length
        this.#chunkOf.set(traceId, chunk)
        this.#counts.push(0)
      }
      this.#lastTraceId = traceId
      this.#lastChunk = chunk
    }
    this.#counts[this.#lastChunk]!++
    this.#chunks.push(this.#lastChunk)
    this.#ends.push(end)
    return this.#lastChunk
  }

  /**
   * Writes every chunk and forgets them: `begin` what comes before the spans of a chunk, then the spans as they are in `spans`.
   * The caller has reserved room for all of it.
   */
  take(spans: MsgpackWriter, target: MsgpackWriter, begin: (chunk: number, spanCount: number) => void): void {
    const runs = this.#runs()
    for (let chunk = 0; chunk < runs.length; chunk++) {
      begin(chunk, this.#counts[chunk] as number)
      const bounds = runs[chunk] as number[]
      for (let i = 0; i < bounds.length; i += 2) {
        spans.buffer.copy(target.buffer, target.position, bounds[i], bounds[i + 1])
        target.position += (bounds[i + 1] as number) - (bounds[i] as number)
      }
    }
    this.#chunkOf = new Map()
    this.#lastTraceId = ''
    this.#lastChunk = -1
    this.#chunks.length = 0
    this.#ends.length = 0
    this.#counts.length = 0
  }

  /** Per chunk the stretches of bytes that are its own: starts and ends by turns. Neighbours are one stretch. */
  #runs(): number[][] {
    const runs: number[][] = this.#counts.map(() => [])
    let start = 0
    for (let i = 0; i < this.#ends.length; i++) {
      const end = this.#ends[i] as number
      const bounds = runs[this.#chunks[i] as number] as number[]
      if (bounds[bounds.length - 1] === start) bounds[bounds.length - 1] = end
      else bounds.push(start, end)
      start = end
    }
    return runs
  }
}
