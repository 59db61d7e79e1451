import type { Buffer } from 'node:buffer'
import { PROTOCOL_VERSIONS, type ProtocolVersion } from './agent-offer'

/**
 * What the transport must know of a batch and the payload does not tell in one place: which version it is written in, how many
 * chunks it has, and whether its spans are in our statistics. It stands in front of the payload and is not sent, so that it also
 * survives in a file; a batch is nothing but bytes.
 */
export interface PayloadHead {
  readonly version: ProtocolVersion
  readonly chunkCount: number
  readonly inStatistics: boolean
}

export const HEAD_LENGTH = 8
/** Not the first byte of any payload. */
const MAGIC = 0xc1

export function writeHead(bytes: Buffer, { version, chunkCount, inStatistics }: PayloadHead): void {
  bytes[0] = MAGIC
  bytes[1] = PROTOCOL_VERSIONS.indexOf(version)
  bytes[2] = inStatistics ? 1 : 0
  bytes[3] = 0
  bytes.writeUInt32BE(chunkCount, 4)
}

/** @throws RangeError for bytes that are no batch of this package */
export function readHead(bytes: Uint8Array): PayloadHead {
  const version = PROTOCOL_VERSIONS[bytes[1] ?? -1]
  if (bytes[0] !== MAGIC || version === undefined || bytes.length < HEAD_LENGTH)
    throw new RangeError('these bytes are no batch for a Datadog agent')
  const chunkCount = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4)
  return { version, chunkCount, inStatistics: bytes[2] === 1 }
}
