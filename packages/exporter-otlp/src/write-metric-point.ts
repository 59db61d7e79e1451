import type { Exemplar, HistogramPoint, NumberPoint, ProtobufWriter, SummaryPoint } from '@hashira/core'
import { writeAttributes } from './any-value'

const FIXED_FIELDS = 64
const EXPECTED_EXEMPLAR_BYTES = 60

/** The fields of NumberDataPoint. Always `asDouble`, so that a series never changes its type. */
export function writeNumberPoint(writer: ProtobufWriter, point: NumberPoint, timeUnixMs: number): void {
  writer.reserve(FIXED_FIELDS)
  writeTimes(writer, point.startTimeUnixMs, timeUnixMs)
  writer.byte(0x21)
  writer.double(point.value)
  if (point.exemplar !== undefined) writeExemplar(writer, 0x2a, point.exemplar)
  writeAttributes(writer, 0x3a, point.attributes)
}

/** The fields of HistogramDataPoint. */
export function writeHistogramPoint(writer: ProtobufWriter, point: HistogramPoint, timeUnixMs: number): void {
  const { bounds, bucketCounts } = point
  writer.reserve(FIXED_FIELDS + 8 * (bounds.length + bucketCounts.length))
  writeTimes(writer, point.startTimeUnixMs, timeUnixMs)
  writer.byte(0x21)
  writer.fixed64(point.count)
  writer.byte(0x29)
  writer.double(point.sum)
  writer.byte(0x32)
  writer.uint32(8 * bucketCounts.length)
  for (let i = 0; i < bucketCounts.length; i++) writer.fixed64(bucketCounts[i] as number)
  if (bounds.length > 0) {
    writer.byte(0x3a)
    writer.uint32(8 * bounds.length)
    for (const bound of bounds) writer.double(bound)
  }
  for (const exemplar of point.exemplars ?? []) {
    if (exemplar !== undefined) writeExemplar(writer, 0x42, exemplar)
  }
  writeAttributes(writer, 0x4a, point.attributes)
  writeExtremes(writer, 0x59, point)
}

/** @param minTag of `min`; that of `max`, the next field, is 8 more */
export function writeExtremes(
  writer: ProtobufWriter,
  minTag: number,
  { min, max }: { readonly min?: number | undefined; readonly max?: number | undefined },
): void {
  writer.reserve(18)
  if (min !== undefined) {
    writer.byte(minTag)
    writer.double(min)
  }
  if (max !== undefined) {
    writer.byte(minTag + 8)
    writer.double(max)
  }
}

/** The fields of SummaryDataPoint. */
export function writeSummaryPoint(writer: ProtobufWriter, point: SummaryPoint, timeUnixMs: number): void {
  writer.reserve(FIXED_FIELDS + 20 * point.quantiles.length)
  writeTimes(writer, point.startTimeUnixMs, timeUnixMs)
  writer.byte(0x21)
  writer.fixed64(point.count)
  writer.byte(0x29)
  writer.double(point.sum)
  for (const { quantile, value } of point.quantiles) {
    writer.byte(0x32)
    writer.byte(18)
    writer.byte(0x09)
    writer.double(quantile)
    writer.byte(0x11)
    writer.double(value)
  }
  writeAttributes(writer, 0x3a, point.attributes)
}

export function writeTimes(writer: ProtobufWriter, startTimeUnixMs: number, timeUnixMs: number): void {
  writer.byte(0x11)
  writer.unixMs(startTimeUnixMs)
  writer.byte(0x19)
  writer.unixMs(timeUnixMs)
}

export function writeExemplar(writer: ProtobufWriter, tag: number, exemplar: Exemplar): void {
  writer.reserve(FIXED_FIELDS)
  writer.byte(tag)
  const start = writer.begin(EXPECTED_EXEMPLAR_BYTES)
  writer.byte(0x11)
  writer.unixMs(exemplar.timeUnixMs)
  writer.byte(0x19)
  writer.double(exemplar.value)
  if (exemplar.spanId !== undefined) {
    writer.byte(0x22)
    writer.id(exemplar.spanId, 8)
  }
  if (exemplar.traceId !== undefined) {
    writer.byte(0x2a)
    writer.id(exemplar.traceId, 16)
  }
  if (exemplar.attributes !== undefined) writeAttributes(writer, 0x3a, exemplar.attributes)
  writer.end(start, EXPECTED_EXEMPLAR_BYTES)
}
