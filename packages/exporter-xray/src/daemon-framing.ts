import { Buffer } from 'node:buffer'
import type { Framing } from './segment-encoder'

/** What the daemon wants in front of each document, and what it splits at (aws-xray-daemon, `UdpHeader`). */
const HEADER = '{"format":"json","version":1}\n'
const LINE_FEED = 10

/**
 * Datagrams, each a header line and a document, with a line feed between those of one span and two between spans. A document
 * has no line feed: JSON escapes it.
 */
export const daemonFraming: Framing = {
  head: '',
  between: '\n\n',
  tail: '',
  frame: (documents) => documents.map((document) => HEADER + document).join('\n'),
}

/** A span counts with its last datagram. */
export function* splitIntoDatagrams(
  batch: Uint8Array,
): IterableIterator<{ bytes: Uint8Array; itemCount: number }> {
  const bytes = Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength)
  for (let at = 0; at < bytes.length; ) {
    const document = bytes.indexOf(LINE_FEED, at) + 1
    const lineFeed = bytes.indexOf(LINE_FEED, document)
    const end = lineFeed < 0 ? bytes.length : lineFeed
    const endsSpan = lineFeed < 0 || bytes[end + 1] === LINE_FEED
    yield { bytes: bytes.subarray(at, end), itemCount: endsSpan ? 1 : 0 }
    at = end + (endsSpan ? 2 : 1)
  }
}
