import { Buffer } from 'node:buffer'
import { countFault } from '@hashira/core'
import { cut } from './limits'
import type { MetadataValue, SegmentDocument } from './segment-document'

/** X-Ray takes 64 KB; a datagram 65,507 bytes, of which 30 are the daemon's header. */
export const MAX_DOCUMENT_BYTES = 65_507 - 30

const FRAMES_LEFT = 10
const TEXT_LEFT = 1_000

// In this order, until it fits: what helps least to understand a trace goes first.
const STEPS: readonly ((document: SegmentDocument) => void)[] = [
  (document) => keepFrames(document, FRAMES_LEFT),
  (document) => keepFrames(document, 0),
  shortenMetadata,
  (document) => {
    document.metadata = undefined
  },
  (document) => {
    document.annotations = undefined
  },
  (document) => {
    document.links = undefined
  },
  (document) => keepOneException(document),
  (document) => {
    if (document.sql?.sanitized_query !== undefined)
      document.sql.sanitized_query = cut(document.sql.sanitized_query, TEXT_LEFT)
  },
]

/**
 * The document as JSON of at most `maxBytes`. One that is larger loses, in this order and no more than needed: stack frames but
 * the first 10 of each exception, the other frames, long texts in metadata, metadata, annotations, links, all exceptions but the
 * first. Counted as `xray_document_cut`.
 *
 * @throws RangeError when that is not enough: the span is dropped
 */
export function documentText(document: SegmentDocument, maxBytes: number = MAX_DOCUMENT_BYTES): string {
  let text = JSON.stringify(document)
  if (isWithin(text, maxBytes)) return text
  countFault('xray_document_cut')
  for (const step of STEPS) {
    step(document)
    text = JSON.stringify(document)
    if (isWithin(text, maxBytes)) return text
  }
  throw new RangeError(`the segment document has ${Buffer.byteLength(text)} bytes, the most is ${maxBytes}`)
}

/** A character has at most 3 bytes in UTF-8 a UTF-16 unit, so short texts need no counting. */
function isWithin(text: string, maxBytes: number): boolean {
  return text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes
}

function keepFrames({ cause }: SegmentDocument, count: number): void {
  for (const exception of cause?.exceptions ?? []) {
    const { stack } = exception
    if (stack === undefined || stack.length <= count) continue
    exception.truncated = (exception.truncated ?? 0) + stack.length - count
    if (count === 0) delete exception.stack
    else exception.stack = stack.slice(0, count)
  }
}

function keepOneException({ cause }: SegmentDocument): void {
  const first = cause?.exceptions[0]
  if (cause === undefined || first === undefined) return
  delete first.cause
  if (first.message !== undefined) first.message = cut(first.message)
  cause.exceptions = [first]
}

function shortenMetadata({ metadata }: SegmentDocument): void {
  for (const namespace of Object.values(metadata ?? {}))
    for (const [key, value] of Object.entries(namespace)) namespace[key] = shortened(value)
}

/** What is no text and long is left out whole: half a list would be a wrong one. */
function shortened(value: MetadataValue): MetadataValue {
  if (typeof value === 'string') return value.length > TEXT_LEFT ? `${cut(value, TEXT_LEFT)}…` : value
  return typeof value === 'object' && JSON.stringify(value).length > TEXT_LEFT ? '…' : value
}
