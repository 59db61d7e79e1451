import { AttributeList, type AttributeValue, type SpanRecord } from '@hashira/core'
import { goldenRecord } from '@hashira/testing'
import fc from 'fast-check'

const hex = (digits: number) =>
  fc
    .array(fc.integer({ min: 0, max: 15 }), { minLength: digits, maxLength: digits })
    .map((values) => values.map((value) => value.toString(16)).join(''))
/** Any UTF-16, lone surrogates included. */
const anyText = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
    .map((codes) => String.fromCharCode(...codes)),
  fc.nat({ max: 20_000 }).map((length) => 'é'.repeat(length)),
)
const anyNumber = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double())
const anyValue = fc.oneof(
  anyText,
  anyNumber,
  fc.boolean(),
  fc.array(fc.oneof(anyText, fc.constant(null)), { maxLength: 5 }),
  fc.array(anyNumber, { maxLength: 5 }),
)
const anyKey = fc.oneof(
  anyText,
  fc.constantFrom('__proto__', 'error', 'peer.service', 'server.address', 'server.port', 'service.name'),
)
const anyAttributes = fc.array(fc.tuple(anyKey, anyValue), { maxLength: 8 }).map((entries) => {
  const list = new AttributeList()
  for (const [key, value] of entries) list.set(key, value as AttributeValue)
  return list
})
const seconds = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const nanos = fc.integer({ min: 0, max: 999_999_999 })
const anyEvent = fc.record({
  name: anyText,
  timeSeconds: seconds,
  timeNanos: nanos,
  attributes: anyAttributes,
})

/** Any span that tracing can end. */
export const anyRecord: fc.Arbitrary<SpanRecord> = fc
  .record({
    traceId: hex(32),
    spanId: hex(16),
    parentSpanId: fc.option(hex(16), { nil: undefined }),
    kind: fc.integer({ min: 0, max: 4 }),
    name: anyText,
    startSeconds: seconds,
    startNanos: nanos,
    endSeconds: seconds,
    endNanos: nanos,
    attributes: anyAttributes,
    events: fc.array(anyEvent, { maxLength: 3 }),
    droppedEventsCount: fc.nat(),
    droppedLinksCount: fc.nat(),
    statusCode: fc.integer({ min: 0, max: 2 }),
    statusMessage: fc.option(anyText, { nil: undefined }),
  })
  .map(goldenRecord)
