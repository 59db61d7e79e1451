import { createHash } from 'node:crypto'
import { FINGERPRINT_BYTES } from './spool-format'
import type { SpoolOwner } from './spool-owner'

/** The ending has the version of the format: what another version wrote is left to it. */
const ENDING = '.spool1'
const NAME = /^([0-9a-f]{32})-([0-9a-f]{8})-(\d+)-(\d+)-(\d+)-([0-9a-f]{8})-(\d+)\.spool1$/

/** Who may deliver a segment: the same exporter and signal to the same destination (which has no credentials). */
export function fingerprintOf(exporter: string, signal: string, destination: string): Buffer {
  const text = JSON.stringify([exporter, signal, destination])
  return createHash('sha256').update(text).digest().subarray(0, FINGERPRINT_BYTES)
}

export function segmentName(fingerprint: Buffer, owner: SpoolOwner, number: number): string {
  const { place, pid, started, thread, token } = owner
  return `${[fingerprint.toString('hex'), place, pid, started, thread, token, number].join('-')}${ENDING}`
}

export interface SegmentName {
  readonly name: string
  readonly fingerprint: string
  readonly owner: SpoolOwner
  readonly number: number
}

/** `undefined` for a file that is no segment. */
export function parseSegmentName(name: string): SegmentName | undefined {
  const parts = NAME.exec(name)
  if (parts === null) return undefined
  const [, fingerprint, place, pid, started, thread, token, number] = parts as unknown as string[]
  const owner = { place: place!, pid: Number(pid), started: started!, thread: Number(thread), token: token! }
  return { name, fingerprint: fingerprint!, owner, number: Number(number) }
}

export function isSegment(name: string): boolean {
  return name.endsWith(ENDING)
}
