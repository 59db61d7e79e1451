import { Buffer } from 'node:buffer'
import type { Batch, SpanEncoder, SpanRecord } from '@hashira/core'
import { documentText } from './segment/fit-document'
import { type DocumentSettings, makeDocuments } from './segment/make-documents'

/** How the documents of a batch become its bytes. */
export interface Framing {
  readonly head: string
  readonly between: string
  readonly tail: string
  /** One span's documents, usually one. */
  frame(documents: readonly string[]): string
}

/** Spans to X-Ray's segment documents, each made when its span ends. */
export class SegmentEncoder implements SpanEncoder {
  readonly #settings: DocumentSettings
  readonly #framing: Framing
  #framed: string[] = []
  #byteLength = 0

  constructor(settings: DocumentSettings, framing: Framing) {
    this.#settings = settings
    this.#framing = framing
  }

  get byteLength(): number {
    return this.#byteLength
  }

  get itemCount(): number {
    return this.#framed.length
  }

  append(record: SpanRecord): void {
    const documents = makeDocuments(record, this.#settings).map((document) => documentText(document))
    const framed = this.#framing.frame(documents)
    this.#framed.push(framed)
    this.#byteLength += Buffer.byteLength(framed)
  }

  take(): Batch {
    const { head, between, tail } = this.#framing
    const bytes = Buffer.from(head + this.#framed.join(between) + tail)
    const batch = { bytes, itemCount: this.#framed.length }
    this.#framed = []
    this.#byteLength = 0
    return batch
  }
}
