import type { ExponentialBuckets, ExponentialHistogramPoint, ProtobufWriter } from '@hashira/core'
import { writeAttributes } from './any-value'
import { writeExemplar, writeExtremes, writeTimes } from './write-metric-point'

const FIXED_FIELDS = 128

/** The fields of ExponentialHistogramDataPoint. */
export function writeExponentialPoint(
  writer: ProtobufWriter,
  point: ExponentialHistogramPoint,
  timeUnixMs: number,
): void {
  writeAttributes(writer, 0x0a, point.attributes)
  writer.reserve(FIXED_FIELDS)
  writeTimes(writer, point.startTimeUnixMs, timeUnixMs)
  writer.byte(0x21)
  writer.fixed64(point.count)
  writer.byte(0x29)
  writer.double(point.sum)
  writer.byte(0x30)
  writer.uint32(zigZag(point.scale))
  writer.byte(0x39)
  writer.fixed64(point.zeroCount)
  writeBuckets(writer, 0x42, point.positive)
  writeBuckets(writer, 0x4a, point.negative)
  for (const exemplar of point.exemplars ?? []) writeExemplar(writer, 0x5a, exemplar)
  writeExtremes(writer, 0x61, point)
  if (point.zeroThreshold) {
    writer.reserve(9)
    writer.byte(0x71)
    writer.double(point.zeroThreshold)
  }
}

function writeBuckets(
  writer: ProtobufWriter,
  tag: number,
  { offset, bucketCounts }: ExponentialBuckets,
): void {
  if (bucketCounts.length === 0) return
  const expected = 2 * bucketCounts.length
  writer.reserve(FIXED_FIELDS + 10 * bucketCounts.length)
  writer.byte(tag)
  const start = writer.begin(expected + 8)
  writer.byte(0x08)
  writer.uint32(zigZag(offset))
  writer.byte(0x12)
  const countsStart = writer.begin(expected)
  for (let i = 0; i < bucketCounts.length; i++) writer.int64(bucketCounts[i] as number)
  writer.end(countsStart, expected)
  writer.end(start, expected + 8)
}

/** A signed number up to 2^31 as sint32. */
function zigZag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0
}
