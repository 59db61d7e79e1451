import type { Batch } from '@hashira/core'

/** One document, or one datum: what is never cut. */
export interface Framed {
  readonly text: string
  readonly itemCount: number
}

/** How documents lie in a batch. */
export interface BatchFraming {
  readonly head: string
  readonly between: string
  readonly tail: string
  frame(document: string): string
  readonly maxBytes: number
  readonly maxDocuments: number
  /** That the backend counts for a document beside its own bytes. */
  readonly overheadBytes: number
}

/** After so long the event loop gets its turn, if the batch is not full before. */
const TURN_MS = 2

/** Batches of documents, and `undefined` where nothing is ready but others should have a turn. */
export function* framedBatches(
  documents: Iterable<Framed | undefined>,
  framing: BatchFraming,
): Generator<Batch | undefined, void, undefined> {
  const batch = new OpenBatch(framing)
  let turnEndsMs = performance.now() + TURN_MS
  for (const document of documents) {
    if (document !== undefined) {
      const text = framing.frame(document.text)
      if (!batch.hasRoomFor(text)) yield batch.take()
      batch.add(text, document.itemCount)
    }
    if (performance.now() < turnEndsMs) continue
    yield undefined
    turnEndsMs = performance.now() + TURN_MS
  }
  if (batch.itemCount > 0) yield batch.take()
}

class OpenBatch {
  itemCount = 0
  readonly #framing: BatchFraming
  #texts: string[] = []
  #countedBytes = 0

  constructor(framing: BatchFraming) {
    this.#framing = framing
  }

  hasRoomFor(text: string): boolean {
    const { maxBytes, maxDocuments } = this.#framing
    if (this.#texts.length === 0) return true
    return this.#texts.length < maxDocuments && this.#countedBytes + this.#countedOf(text) <= maxBytes
  }

  add(text: string, itemCount: number): void {
    this.#texts.push(text)
    this.#countedBytes += this.#countedOf(text)
    this.itemCount += itemCount
  }

  take(): Batch {
    const { head, between, tail } = this.#framing
    const bytes = Buffer.from(`${head}${this.#texts.join(between)}${tail}`)
    const { itemCount } = this
    this.#texts = []
    this.#countedBytes = 0
    this.itemCount = 0
    return { bytes, itemCount }
  }

  #countedOf(text: string): number {
    return Buffer.byteLength(text) + this.#framing.overheadBytes
  }
}
