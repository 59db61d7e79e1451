import type { ExposedFamily } from '../exposed-family'
import type { Label, Series } from './series'
import type { SampleValue } from './write-sample'

/** Collects the series of one request after another. */
export interface WriteRequest {
  /** Bytes so far, about. */
  readonly byteLength: number
  /** Samples so far. */
  readonly itemCount: number
  /** @param family for its metadata; its series come one after the other */
  add(series: WrittenSeries, timeUnixMs: number, family?: ExposedFamily): void
  /** The bytes of the whole request; the next one begins empty. */
  take(): Uint8Array
}

export interface WrittenSeries extends Pick<Series, 'labels' | 'startUnixMs'> {
  readonly value: SampleValue
  readonly exemplar: WrittenExemplar | undefined
}

export interface WrittenExemplar {
  readonly labels: readonly Label[]
  readonly value: number
  readonly timeUnixMs: number
}
