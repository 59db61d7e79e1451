import type { ProtobufWriter } from '@hashira/core'

/** More than all fields of a sample, exemplar or metadata that are not text. */
export const FIXED_FIELDS = 64

/** What ends a series: a NaN that no computation gives (remote write specification, "stale markers"). */
export const STALE = Symbol('stale')
export type SampleValue = number | typeof STALE

/** `value` (1) and `timestamp` (2) of a Sample, the same in 1.0 and 2.0. Room must be reserved. */
export function writeValueAndTime(writer: ProtobufWriter, value: SampleValue, timeUnixMs: number): void {
  writer.byte(0x09)
  if (value === STALE) {
    writer.fixed32(0x0000_0002)
    writer.fixed32(0x7ff0_0000)
  } else writer.double(value)
  writer.byte(0x10)
  writer.int64(timeUnixMs)
}
