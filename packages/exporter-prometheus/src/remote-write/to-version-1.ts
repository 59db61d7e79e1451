import { readDouble, readMessage, readVarints } from './read-message'
import { Request1 } from './request-1'
import type { Label } from './series'
import type { WrittenExemplar } from './write-request'
import { STALE } from './write-sample'

/** 2.0 begins with its table of symbols (field 4), 1.0 with series or metadata (1, 3). */
export function isVersion2(bytes: Uint8Array): boolean {
  return bytes[0] === 0x22
}

/**
 * A request of 2.0 as one of 1.0, for what was encoded before the receiver said that it does not take 2.0. Metadata come with the
 * next snapshot.
 * @throws RangeError for bytes that are no such request
 */
export function toVersion1(bytes: Uint8Array): Uint8Array {
  const symbols: string[] = []
  const request = new Request1()
  readMessage(bytes, (field, value) => {
    if (typeof value === 'number') return
    if (field === 4) symbols.push(Buffer.from(value).toString('utf8'))
    if (field === 5) addSeries(request, value, symbols)
  })
  return request.take()
}

function addSeries(request: Request1, bytes: Uint8Array, symbols: readonly string[]): void {
  let labels: Label[] = []
  let sample: Sample | undefined
  let exemplar: WrittenExemplar | undefined
  readMessage(bytes, (field, value) => {
    if (typeof value === 'number') return
    if (field === 1) labels = labelsOf(value, symbols)
    if (field === 2) sample = sampleOf(value)
    if (field === 4) exemplar = exemplarOf(value, symbols)
  })
  if (sample !== undefined)
    request.add({ labels, value: sample.value, startUnixMs: 0, exemplar }, sample.timeUnixMs)
}

interface Sample {
  readonly value: number | typeof STALE
  readonly timeUnixMs: number
}

function sampleOf(bytes: Uint8Array): Sample {
  let value: Sample['value'] = 0
  let timeUnixMs = 0
  readMessage(bytes, (field, part) => {
    if (field === 1 && typeof part !== 'number') value = isStale(part) ? STALE : readDouble(part)
    if (field === 2 && typeof part === 'number') timeUnixMs = part
  })
  return { value, timeUnixMs }
}

function isStale(bytes: Uint8Array): boolean {
  return Buffer.from(bytes).toString('hex') === '020000000000f07f'
}

function exemplarOf(bytes: Uint8Array, symbols: readonly string[]): WrittenExemplar {
  let labels: Label[] = []
  let value = 0
  let timeUnixMs = 0
  readMessage(bytes, (field, part) => {
    if (typeof part === 'number') {
      if (field === 3) timeUnixMs = part
    } else if (field === 1) labels = labelsOf(part, symbols)
    else if (field === 2) value = readDouble(part)
  })
  return { labels, value, timeUnixMs }
}

function labelsOf(bytes: Uint8Array, symbols: readonly string[]): Label[] {
  const texts = readVarints(bytes).map((reference) => symbols[reference] ?? '')
  return Array.from(
    { length: texts.length / 2 },
    (_, i) => [texts[2 * i] ?? '', texts[2 * i + 1] ?? ''] as const,
  )
}
