import { AttributeList, type SpanRecord } from '@hashira/core'
import type { AttributeValue } from '@opentelemetry/api'
import fc from 'fast-check'
import type { Message } from './otlp-schema'

export const scope = { name: '@hashira/http', version: '0.1.0', schemaUrl: undefined }

export const resource = {
  attributes: new AttributeList(['service.name', 'shop', 'process.pid', 42, 'host.name', 'hôte']),
}

export function attributes(flat: unknown[] = [], droppedCount = 0): AttributeList {
  const list = new AttributeList(flat as AttributeValue[] as (string | AttributeValue)[])
  list.droppedCount = droppedCount
  return list
}

export function record(given: Partial<SpanRecord> = {}): SpanRecord {
  return {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    parentSpanId: undefined,
    parentIsRemote: false,
    traceFlags: 1,
    traceState: undefined,
    isLocalRoot: true,
    scope,
    kind: 1,
    name: 'GET /users/:id',
    startSeconds: 1_795_411_000,
    startNanos: 5,
    endSeconds: 1_795_411_001,
    endNanos: 999_999_999,
    attributes: attributes(),
    events: [],
    links: [],
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    statusCode: 0,
    statusMessage: undefined,
    ...given,
  }
}

export const nanos = (seconds: number, rest: number) =>
  String(BigInt(seconds) * 1_000_000_000n + BigInt(rest))
export const wellFormed = (text: string) => Buffer.from(text, 'utf8').toString('utf8')

/** The OTLP span that `record` must become, written from the field tables and not from the encoders. */
export function expectedSpan(record: SpanRecord): Message {
  return withoutEmpty({
    traceId: record.traceId,
    spanId: record.spanId,
    traceState: record.traceState,
    parentSpanId: record.parentSpanId,
    name: wellFormed(record.name),
    kind: record.kind + 1,
    startTimeUnixNano: nanos(record.startSeconds, record.startNanos),
    endTimeUnixNano: nanos(record.endSeconds, record.endNanos),
    attributes: expectedAttributes(record.attributes),
    droppedAttributesCount: record.attributes.droppedCount,
    events: record.events.map((event) =>
      withoutEmpty({
        timeUnixNano: nanos(event.timeSeconds, event.timeNanos),
        name: wellFormed(event.name),
        attributes: expectedAttributes(event.attributes),
        droppedAttributesCount: event.attributes.droppedCount,
      }),
    ),
    droppedEventsCount: record.droppedEventsCount,
    links: record.links.map((link) =>
      withoutEmpty({
        traceId: link.traceId,
        spanId: link.spanId,
        traceState: link.traceState,
        attributes: expectedAttributes(link.attributes),
        droppedAttributesCount: link.attributes.droppedCount,
        flags: link.traceFlags | 0x100 | (link.isRemote ? 0x200 : 0),
      }),
    ),
    droppedLinksCount: record.droppedLinksCount,
    status: withoutEmpty({ code: record.statusCode, message: wellFormed(record.statusMessage ?? '') }),
    flags: record.traceFlags | 0x100 | (record.parentIsRemote ? 0x200 : 0),
  })
}

export function expectedAttributes(list: AttributeList): Message[] {
  return [...list].map(([key, value]) => ({ key: wellFormed(key), value: expectedValue(value) }))
}

function expectedValue(value: unknown): Message {
  if (value === null) return {}
  if (typeof value === 'string') return { stringValue: wellFormed(value) }
  if (typeof value === 'boolean') return { boolValue: value }
  if (Number.isSafeInteger(value)) return { intValue: String(BigInt(value as number)) }
  if (typeof value === 'number') return { doubleValue: value }
  return { arrayValue: { values: (value as unknown[]).map(expectedValue) } }
}

// proto3 does not tell a zero or empty field from an absent one.
export function withoutEmpty(message: Message): Message {
  const isEmpty = (value: unknown) =>
    value === undefined ||
    value === 0 ||
    value === '0' ||
    value === '' ||
    (Array.isArray(value) && value.length === 0) ||
    (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  return Object.fromEntries(Object.entries(message).filter(([, value]) => !isEmpty(value)))
}

/** Decoded spans, with what an encoder may write although it is zero or empty taken out in the same way. */
export function tidySpan(span: Message): Message {
  return withoutEmpty({
    ...span,
    events: (span.events ?? []).map(withoutEmpty),
    links: (span.links ?? []).map(withoutEmpty),
    status: withoutEmpty(span.status ?? {}),
  })
}

export const hex = (digits: number) =>
  fc
    .array(fc.integer({ min: 0, max: 15 }), { minLength: digits, maxLength: digits })
    .map((values) => values.map((value) => value.toString(16)).join(''))
/** Any UTF-16, lone surrogates included, short and long. */
export const anyText = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
    .map((codes) => String.fromCharCode(...codes)),
  fc.nat({ max: 20_000 }).map((length) => 'é'.repeat(length)),
  fc.nat({ max: 70_000 }).map((length) => 'x'.repeat(length)),
)
const anyNumber = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.constantFrom(0, -1, 127, 128, 2 ** 31, 2 ** 32, -(2 ** 31), 2 ** 53, 1e300, Number.NaN),
)
const anyValue = fc.oneof(
  anyText,
  anyNumber,
  fc.boolean(),
  fc.array(fc.option(anyText, { nil: null }), { maxLength: 6 }),
  fc.array(fc.option(anyNumber, { nil: null }), { maxLength: 200 }),
  fc.array(fc.boolean(), { maxLength: 20 }),
)
export const anyAttributes = fc
  .tuple(fc.array(fc.tuple(anyText, anyValue), { maxLength: 8 }), fc.nat())
  .map(([entries, dropped]) => {
    const list = new AttributeList()
    for (const [key, value] of entries) list.set(key, value as AttributeValue)
    list.droppedCount = dropped
    return list
  })
const seconds = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const nano = fc.integer({ min: 0, max: 999_999_999 })
const traceState = fc.option(fc.constantFrom('a=1', 'dd=s:1,b=2'), { nil: undefined })

export const anyRecord: fc.Arbitrary<SpanRecord> = fc.record({
  traceId: hex(32),
  spanId: hex(16),
  parentSpanId: fc.option(hex(16), { nil: undefined }),
  parentIsRemote: fc.boolean(),
  traceFlags: fc.integer({ min: 0, max: 255 }),
  traceState,
  isLocalRoot: fc.boolean(),
  scope: fc.constantFrom(scope, { ...scope }, { name: 'pg', version: undefined, schemaUrl: 'https://x/1' }),
  kind: fc.integer({ min: 0, max: 4 }),
  name: anyText,
  startSeconds: seconds,
  startNanos: nano,
  endSeconds: seconds,
  endNanos: nano,
  attributes: anyAttributes,
  events: fc.array(
    fc.record({ name: anyText, timeSeconds: seconds, timeNanos: nano, attributes: anyAttributes }),
    { maxLength: 3 },
  ),
  links: fc.array(
    fc.record({
      traceId: hex(32),
      spanId: hex(16),
      traceFlags: fc.integer({ min: 0, max: 255 }),
      traceState,
      isRemote: fc.boolean(),
      attributes: anyAttributes,
    }),
    { maxLength: 3 },
  ),
  droppedEventsCount: fc.nat(),
  droppedLinksCount: fc.nat(),
  statusCode: fc.integer({ min: 0, max: 2 }),
  statusMessage: fc.option(anyText, { nil: undefined }),
})
