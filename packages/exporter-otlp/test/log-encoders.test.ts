import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LogEncoder, LogRecord } from '@hashira/core'
import { OtlpJsonLogEncoder, OtlpLogEncoder } from '@hashira/exporter-otlp'
import fc from 'fast-check'
import { anyLog, expectedLog, log } from './log-records'
import { decodeLogs, type Message, parseJson } from './otlp-schema'
import { attributes, resource, withoutEmpty } from './records'

const formats: [string, () => LogEncoder, (bytes: Uint8Array) => Message][] = [
  ['protobuf', () => new OtlpLogEncoder(resource), decodeLogs],
  ['json', () => new OtlpJsonLogEncoder(resource), parseJson],
]

for (const [format, createEncoder, decode] of formats) {
  const recordsOf = (request: Message): Message[] =>
    request.resourceLogs[0].scopeLogs.flatMap((entry: Message) => entry.logRecords)

  const roundTrip = (...records: LogRecord[]): Message[] => {
    const encoder = createEncoder()
    for (const one of records) encoder.append(one)
    const batch = encoder.take()
    assert.equal(batch.itemCount, records.length)
    return recordsOf(decode(batch.bytes)).map(tidy)
  }

  describe(`log records as OTLP ${format}`, () => {
    it('have every field', () => {
      const flat = ['a', 'text', 'b', true, 'c', false, 'd', 1.5, 'e', -3, 'f', 2 ** 40, 'g', ['v', null]]
      const full = log({ attributes: attributes([...flat, 'h', [1, 2.5], 'i', [true]], 7) })
      const [record] = roundTrip(full)
      assert.deepEqual(record, expectedLog(full))
      assert.deepEqual(
        [record.timeUnixNano, record.observedTimeUnixNano],
        ['1795411000000000005', '1795411000000000005'],
      )
      assert.deepEqual(
        [record.severityNumber, record.severityText, record.body, record.flags],
        [9, 'info', { stringValue: 'charging' }, 1],
      )
      assert.deepEqual(
        [record.traceId, record.spanId, record.droppedAttributesCount],
        ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331', 7],
      )
    })

    it('leave out what is not there', () => {
      const none = log({ severityNumber: 0, severityText: undefined, body: undefined, traceId: undefined })
      const [record] = roundTrip({ ...none, spanId: undefined })
      assert.deepEqual(Object.keys(record).sort(), ['observedTimeUnixNano', 'timeUnixNano'])
    })

    it('tell an empty message from none', () => {
      const [record] = roundTrip(log({ body: '' }))
      assert.deepEqual(record.body, { stringValue: '' })
    })

    it('carry unicode, lone surrogates as U+FFFD, and huge and empty texts', () => {
      const texts = [
        'héllo 💥 日本',
        'a\ud800b',
        '\udc00',
        '\0\u2028',
        'x'.repeat(3_000_000),
        'é'.repeat(50_000),
      ]
      const records = texts.map((text) => log({ body: text, attributes: attributes([text, text]) }))
      assert.deepEqual(roundTrip(...records), records.map(expectedLog))
    })

    it('say the resource once and group by scope', () => {
      const encoder = createEncoder()
      encoder.append(log({ body: '1' }))
      encoder.append(log({ body: '2', scope: { name: 'other', version: '2', schemaUrl: 'https://s/1' } }))
      encoder.append(log({ body: '3' }))
      const [only, ...more] = decode(encoder.take().bytes).resourceLogs
      assert.deepEqual(more, [])
      assert.equal(only.resource.attributes[0].value.stringValue, 'shop')
      assert.deepEqual(
        only.scopeLogs.map((group: Message) => [
          group.scope.name,
          group.schemaUrl || undefined,
          group.logRecords.map((record: Message) => record.body.stringValue),
        ]),
        [
          ['@hashira/logs', undefined, ['1', '3']],
          ['other', 'https://s/1', ['2']],
        ],
      )
    })

    it('start anew after take()', () => {
      const encoder = createEncoder()
      for (const body of ['first', 'second']) {
        encoder.append(log({ body }))
        assert.equal(encoder.itemCount, 1)
        assert.ok(encoder.byteLength > 50)
        assert.deepEqual(
          recordsOf(decode(encoder.take().bytes)).map((record) => record.body.stringValue),
          [body],
        )
        assert.deepEqual([encoder.itemCount, encoder.byteLength], [0, 0])
      }
    })

    it('are lost alone when a value can not be encoded', () => {
      const encoder = createEncoder()
      encoder.append(log({ body: 'before' }))
      assert.throws(() => encoder.append(log({ attributes: attributes(['bad', Object.create(null)]) })))
      encoder.append(log({ body: 'after' }))
      const batch = encoder.take()
      assert.equal(batch.itemCount, 2)
      assert.deepEqual(
        recordsOf(decode(batch.bytes)).map((record) => record.body.stringValue),
        ['before', 'after'],
      )
    })

    it('write something for what no record may have', () => {
      const odd = log({
        timeSeconds: Number.NaN,
        timeNanos: -1,
        severityNumber: 99,
        severityText: 5 as never,
        body: 10n as never,
        traceId: 'f'.repeat(31),
        spanId: 'zz',
        traceFlags: Number.NaN,
        attributes: attributes([
          'big',
          10n ** 30n,
          'object',
          { a: 1 },
          'date',
          new Date(0),
          'none',
          undefined,
        ]),
      })
      const [record, next] = roundTrip(odd, log({ body: 'still whole' }))
      assert.equal(record.attributes.length, 4)
      assert.deepEqual(record.body, { stringValue: '10' })
      assert.equal(record.severityNumber, undefined)
      assert.equal(record.traceId, undefined)
      assert.equal(next.body.stringValue, 'still whole')
    })

    it('decode to what was encoded, for any records', (t) => {
      const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31)
      t.diagnostic(`seed ${seed}`)
      const property = fc.property(fc.array(anyLog, { minLength: 1, maxLength: 5 }), (records) => {
        assert.deepEqual(roundTrip(...records).map(comparable), records.map(expectedLog).map(comparable))
      })
      fc.assert(property, { seed, numRuns: 150 })
    })
  })
}

function tidy(record: Message): Message {
  const { body, ...rest } = record
  return body === undefined || body === null ? withoutEmpty(rest) : { ...withoutEmpty(rest), body }
}

/** A decoder leaves out empty arrays, and NaN is not equal to itself. */
function comparable(record: Message): Message {
  return JSON.parse(
    JSON.stringify(record, (key, value) => {
      if (key === 'arrayValue') return { values: value.values ?? [] }
      return typeof value === 'number' && !Number.isFinite(value) ? `number ${value}` : value
    }),
  )
}
