import { Buffer } from 'node:buffer'
import type { Datagram } from '@hashira/delivery'

const NEWLINE = 0x0a

/** Cuts lines into packets of at most `maxBytes`; a longer line is a packet of its own. Lines are the items. */
export function* packetsOf(bytes: Uint8Array, maxBytes: number): Generator<Datagram> {
  let start = 0
  let end = 0
  let lines = 0
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, at)
    const lineEnd = newline < 0 ? bytes.length : newline
    if (lines > 0 && lineEnd - start > maxBytes) {
      yield { bytes: bytes.subarray(start, end), itemCount: lines }
      start = at
      lines = 0
    }
    end = lineEnd
    lines++
    at = lineEnd + 1
  }
  if (lines > 0) yield { bytes: bytes.subarray(start, end), itemCount: lines }
}

/** Packets for a stream socket: each with its length in front, 32 bits with the low byte first. */
export function framed(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const parts: Uint8Array[] = []
  for (const packet of packetsOf(bytes, maxBytes)) {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(packet.bytes.byteLength)
    parts.push(length, packet.bytes)
  }
  return Buffer.concat(parts)
}
