import type { Exemplar } from '@hashira/core'
import type { ExposedFamily } from './exposed-family'

/** What differs between the text formats of Prometheus. */
export interface Format {
  readonly contentType: string
  /** The lines before the samples of a family. */
  header(family: ExposedFamily): string
  /** A bound or quantile as the value of its label. */
  bound(value: number): string
  /** What follows a bucket's or counter's value, with its leading space; empty when the format has no exemplars. */
  exemplar(exemplar: Exemplar): string
  /** Whether the family's samples may have exemplars. */
  takesExemplars(family: ExposedFamily): boolean
  /** The last line. */
  readonly end: string
}

/** The value of a sample, as Go's ParseFloat reads it. What a collector of the app gave instead of a number is NaN. */
export function formatNumber(value: number): string {
  if (Number.isFinite(value)) return String(value)
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : 'NaN'
}
