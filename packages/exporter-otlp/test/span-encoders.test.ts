import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SpanEncoder, SpanRecord } from '@hashira/core'
import { OtlpJsonSpanEncoder, OtlpSpanEncoder } from '@hashira/exporter-otlp'
import fc from 'fast-check'
import { decodeTraces, type Message, parseJson } from './otlp-schema'
import { anyRecord, attributes, expectedSpan, record, resource, scope, tidySpan } from './records'

const formats: [string, () => SpanEncoder, (bytes: Uint8Array) => Message][] = [
  ['protobuf', () => new OtlpSpanEncoder(resource), decodeTraces],
  ['json', () => new OtlpJsonSpanEncoder(resource), parseJson],
]

for (const [format, createEncoder, decode] of formats) {
  const spansOf = (request: Message): Message[] =>
    request.resourceSpans[0].scopeSpans.flatMap((entry: Message) => entry.spans)

  const roundTrip = (...records: SpanRecord[]): Message[] => {
    const encoder = createEncoder()
    for (const one of records) encoder.append(one)
    const batch = encoder.take()
    assert.equal(batch.itemCount, records.length)
    return spansOf(decode(batch.bytes)).map(tidySpan)
  }

  describe(`spans as OTLP ${format}`, () => {
    it('has every field', () => {
      const full = record({
        parentSpanId: '00f067aa0ba902b7',
        parentIsRemote: true,
        traceFlags: 3,
        traceState: 'vendor=1,other=2',
        kind: 2,
        attributes: attributes(['a', 'text', 'b', true, 'c', false, 'd', 1.5, 'e', -3, 'f', 2 ** 40], 7),
        events: [{ name: 'exception', timeSeconds: 10, timeNanos: 1, attributes: attributes(['x', 'y'], 2) }],
        links: [
          {
            traceId: 'ffffffffffffffffffffffffffffffff',
            spanId: 'eeeeeeeeeeeeeeee',
            traceFlags: 1,
            traceState: 'l=1',
            isRemote: true,
            attributes: attributes(['k', ['v', null, 'w']], 1),
          },
        ],
        droppedEventsCount: 3,
        droppedLinksCount: 300,
        statusCode: 2,
        statusMessage: 'no such user',
      })
      const [span] = roundTrip(full)
      assert.deepEqual(span, expectedSpan(full))
      assert.equal(span.flags, 0x303)
      assert.equal(span.links[0].flags, 0x301)
      assert.equal(span.startTimeUnixNano, '1795411000000000005')
    })

    it('leaves out what is empty', () => {
      const encoder = createEncoder()
      encoder.append(record())
      const [span] = spansOf(decode(encoder.take().bytes))
      delete span.status
      assert.deepEqual(Object.keys(span).sort(), [
        'endTimeUnixNano',
        'flags',
        'kind',
        'name',
        'spanId',
        'startTimeUnixNano',
        'traceId',
      ])
      assert.equal(span.flags, 0x101)
    })

    it('keeps the kinds of numbers apart', () => {
      const values = [0, -0, 1, -1, 2 ** 31, 2 ** 53 - 1, -(2 ** 53) + 1, 2 ** 53, 0.1, -1e-300, Number.NaN]
      const flat = [...values, Infinity, -Infinity].flatMap((value, i) => [`k${i}`, value])
      const [span] = roundTrip(record({ attributes: attributes(flat) }))
      assert.deepEqual(
        span.attributes.map(({ value }: Message) => value),
        [
          { intValue: '0' },
          { intValue: '0' },
          { intValue: '1' },
          { intValue: '-1' },
          { intValue: '2147483648' },
          { intValue: '9007199254740991' },
          { intValue: '-9007199254740991' },
          { doubleValue: 2 ** 53 },
          { doubleValue: 0.1 },
          { doubleValue: -1e-300 },
          { doubleValue: Number.NaN },
          { doubleValue: Infinity },
          { doubleValue: -Infinity },
        ],
      )
    })

    it('groups spans by scope and says the resource once', () => {
      const other = { name: 'pg', version: undefined, schemaUrl: 'https://opentelemetry.io/schemas/1.40.0' }
      const encoder = createEncoder()
      encoder.append(record({ name: '1' }))
      encoder.append(record({ name: '2', scope: other }))
      encoder.append(record({ name: '3', scope: { ...scope } }))
      const [only, ...more] = decode(encoder.take().bytes).resourceSpans
      assert.deepEqual(more, [])
      assert.deepEqual(only.resource.attributes, [
        { key: 'service.name', value: { stringValue: 'shop' } },
        { key: 'process.pid', value: { intValue: '42' } },
        { key: 'host.name', value: { stringValue: 'hôte' } },
      ])
      const groups = only.scopeSpans.map((group: Message) => ({
        ...group,
        spans: group.spans.map((span: Message) => span.name),
      }))
      assert.deepEqual(groups, [
        { scope: { name: '@hashira/http', version: '0.1.0' }, spans: ['1', '3'] },
        { scope: { name: 'pg' }, schemaUrl: other.schemaUrl, spans: ['2'] },
      ])
    })

    it('starts anew after take()', () => {
      const encoder = createEncoder()
      for (const name of ['first', 'second']) {
        encoder.append(record({ name }))
        assert.equal(encoder.itemCount, 1)
        assert.ok(encoder.byteLength > 50)
        const batch = encoder.take()
        assert.deepEqual(
          spansOf(decode(batch.bytes)).map((span: Message) => span.name),
          [name],
        )
        assert.equal(encoder.itemCount, 0)
        assert.equal(encoder.byteLength, 0)
      }
    })

    it('does not change a batch that it gave away', () => {
      const encoder = createEncoder()
      encoder.append(record({ name: 'first' }))
      const { bytes } = encoder.take()
      const before = Buffer.from(bytes)
      for (let i = 0; i < 100; i++) encoder.append(record({ name: 'later' }))
      assert.deepEqual(Buffer.from(bytes), before)
    })

    it('loses only the span whose value can not be encoded', () => {
      const revoked = Proxy.revocable([], {})
      revoked.revoke()
      const poisons: unknown[] = [
        {
          toString() {
            throw new Error('poison')
          },
        },
        Object.create(null),
        revoked.proxy,
        [1, Object.create(null)],
      ]
      const encoder = createEncoder()
      encoder.append(record({ name: 'before' }))
      for (const poison of poisons) {
        const before = encoder.byteLength
        assert.throws(() => encoder.append(record({ attributes: attributes(['ok', 1, 'bad', poison]) })))
        assert.throws(() =>
          encoder.append(record({ scope: { ...scope, name: 'x' }, events: [null as never] })),
        )
        assert.equal(encoder.itemCount, 1)
        assert.ok(encoder.byteLength - before < 100)
      }
      encoder.append(record({ name: 'after' }))
      const batch = encoder.take()
      assert.equal(batch.itemCount, 2)
      assert.deepEqual(
        spansOf(decode(batch.bytes)).map((span: Message) => span.name),
        ['before', 'after'],
      )
    })

    it('writes something for values that no attribute may have', () => {
      const cyclic: unknown[] = []
      cyclic.push(cyclic)
      const sparse = new Array(3)
      const odd = [undefined, 10n ** 30n, Symbol('s'), { a: 1 }, cyclic, sparse, () => 1, new Date(0)]
      const [span, next] = roundTrip(
        record({
          name: undefined as never,
          kind: Number.NaN,
          startSeconds: Number.NaN,
          endSeconds: -5,
          endNanos: Number.NaN,
          traceFlags: undefined as never,
          attributes: attributes(odd.flatMap((value, i) => [`k${i}`, value])),
          links: [{ ...link(), traceId: 'f'.repeat(10_000) }, { ...link(), spanId: 'abc' }, link()],
        }),
        record({ kind: 200 as never, statusCode: 300 as never, parentSpanId: '', name: 'still whole' }),
      )
      assert.equal(span.attributes.length, odd.length)
      assert.deepEqual(
        span.links.map(({ traceId, spanId }: Message) => [traceId?.length ?? 0, spanId?.length ?? 0]),
        [
          [0, 16],
          [32, 0],
          [32, 16],
        ],
      )
      for (const field of ['startTimeUnixNano', 'endTimeUnixNano']) {
        assert.match(span[field] ?? '0', /^\d+$/)
      }
      assert.deepEqual([next.kind, next.status, next.name], [undefined, undefined, 'still whole'])
    })

    it('decodes to what was encoded, for any records', (t) => {
      const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31)
      t.diagnostic(`seed ${seed}`)
      const property = fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 5 }), (records) => {
        const spans = roundTrip(...records)
        // Scopes are kept together; within one, the order is that of the records.
        const groups = new Map<string, SpanRecord[]>()
        for (const one of records) groups.set(one.scope.name, [...(groups.get(one.scope.name) ?? []), one])
        const expected = [...groups.values()].flat().map(expectedSpan)
        assert.deepEqual(spans.map(normal), expected.map(normal))
      })
      fc.assert(property, { seed, numRuns: 150 })
    })
  })
}

function link() {
  return {
    traceId: 'f'.repeat(32),
    spanId: 'e'.repeat(16),
    traceFlags: 1,
    traceState: undefined,
    isRemote: false,
    attributes: attributes(),
  }
}

/** JSON.parse makes -0 of "-0", and a decoder leaves out empty arrays: neither is a difference. */
function normal(span: Message): Message {
  return JSON.parse(
    JSON.stringify(span, (key, value) => {
      if (key === 'arrayValue') return { values: value.values ?? [] }
      return typeof value === 'number' && !Number.isFinite(value) ? `number ${value}` : value
    }),
  )
}
