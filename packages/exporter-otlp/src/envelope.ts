import type { Buffer } from 'node:buffer'
import { type InstrumentationScope, ProtobufWriter, type Resource } from '@hashira/core'
import { writeAttributes } from './any-value'

/** The `resource` field of ResourceSpans and ResourceMetrics. */
export function encodeResource(resource: Resource): Buffer {
  const { flat, droppedCount } = resource.attributes
  const writer = new ProtobufWriter()
  writer.byte(0x0a)
  const start = writer.begin(1000)
  writeAttributes(writer, 0x0a, flat)
  writer.reserve(16)
  if (droppedCount > 0) {
    writer.byte(0x10)
    writer.uint32(droppedCount)
  }
  writer.end(start, 1000)
  return writer.written()
}

/** The `scope` and `schemaUrl` fields of ScopeSpans and ScopeMetrics, in front of what the scope holds. */
export function encodeScope(scope: InstrumentationScope): Buffer {
  const writer = new ProtobufWriter(256)
  writer.byte(0x0a)
  const start = writer.begin(50)
  writer.byte(0x0a)
  writer.text(scope.name)
  if (scope.version) {
    writer.reserve(1)
    writer.byte(0x12)
    writer.text(scope.version)
  }
  writer.end(start, 50)
  if (scope.schemaUrl) {
    writer.reserve(1)
    writer.byte(0x1a)
    writer.text(scope.schemaUrl)
  }
  return writer.written()
}
