/**
 * A segment of the spool: one header, then records, numbers little-endian.
 *
 * ```
 * header  "HSHRSPL1"  fingerprint (16 bytes)  crc32 of both (4)
 * record  0x5248 (2)  state: 0 waits, 1 done (1)  0 (1)  length (4)  items (4)  crc32 of the bytes (4)  crc32 of the 12 bytes before (4)  bytes
 * ```
 *
 * The state is changed in place, so no checksum covers it. The head has a checksum of its own: where it is wrong nothing can be
 * said about what follows, that is the torn tail of a process that was killed; where only the bytes are wrong, exactly these
 * items are lost.
 */

const MAGIC = Buffer.from('HSHRSPL1')
const RECORD_MARK = 0x5248
export const FINGERPRINT_BYTES = 16
export const HEADER_BYTES = MAGIC.length + FINGERPRINT_BYTES + 4
export const RECORD_HEAD_BYTES = 20
/** Of the state within a record. */
export const STATE_OFFSET = 2
export const DONE = Buffer.of(1)

// Loading node:zlib takes 2.5 ms of an app's start, and few apps have a spool.
function crc32(bytes: Uint8Array): number {
  return process.getBuiltinModule('node:zlib').crc32(bytes)
}

export interface RecordHead {
  readonly done: boolean
  readonly length: number
  readonly items: number
  readonly checksum: number
}

export function encodeHeader(fingerprint: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  MAGIC.copy(header)
  header.set(fingerprint, MAGIC.length)
  header.writeUInt32LE(crc32(header.subarray(0, -4)), HEADER_BYTES - 4)
  return header
}

export function isHeaderOf(fingerprint: Uint8Array, bytes: Uint8Array): boolean {
  return encodeHeader(fingerprint).equals(bytes)
}

export function encodeRecordHead(bytes: Uint8Array, items: number): Buffer {
  const head = Buffer.alloc(RECORD_HEAD_BYTES)
  head.writeUInt16LE(RECORD_MARK, 0)
  head.writeUInt32LE(bytes.byteLength, 4)
  head.writeUInt32LE(items, 8)
  head.writeUInt32LE(crc32(bytes), 12)
  head.writeUInt32LE(crc32(head.subarray(4, 16)), 16)
  return head
}

/** `undefined` for what is no whole head. */
export function readRecordHead(head: Buffer): RecordHead | undefined {
  if (head.length < RECORD_HEAD_BYTES || head.readUInt16LE(0) !== RECORD_MARK) return undefined
  if (head.readUInt32LE(16) !== crc32(head.subarray(4, 16))) return undefined
  return {
    done: head[STATE_OFFSET] === DONE[0],
    length: head.readUInt32LE(4),
    items: head.readUInt32LE(8),
    checksum: head.readUInt32LE(12),
  }
}

export function isIntact(
  bytes: Uint8Array,
  { length, checksum }: Pick<RecordHead, 'length' | 'checksum'>,
): boolean {
  return bytes.byteLength === length && crc32(bytes) === checksum
}
