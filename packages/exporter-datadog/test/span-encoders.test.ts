import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SpanRecord } from '@hashira/core'
import fc from 'fast-check'
import { LEAST_OFFER } from '../dist/agent/agent-offer.js'
import { HEAD_LENGTH, readHead } from '../dist/agent/payload-head.js'
import { DatadogSpanEncoder } from '../dist/spans/datadog-span-encoder.js'
import { identityOf } from '../dist/spans/identity.js'
import { type DecodedChunk, type DecodedSpan, decodeBatch, type Version } from './decode'
import { anyRecord, attributes, ROOT_ID, record, resource, TRACE_ID } from './records'

const VERSIONS: readonly Version[] = ['0.4', '0.5', '1.0']
const identity = identityOf(resource, { tags: [['team', 'core']] })

function encoderFor(version: Version, more = {}) {
  return new DatadogSpanEncoder(identity, () => ({ ...LEAST_OFFER, version, ...more }))
}

function encode(version: Version, records: readonly SpanRecord[], more = {}): DecodedChunk[] {
  const encoder = encoderFor(version, more)
  for (const one of records) encoder.append(one)
  const { bytes, itemCount } = encoder.take()
  assert.equal(itemCount, records.length)
  return decodeBatch(bytes, version)
}

function only(version: Version, one: SpanRecord, more = {}): DecodedSpan {
  const [chunk, ...others] = encode(version, [one], more)
  assert.equal(others.length, 0)
  assert.equal(chunk!.spans.length, 1)
  return chunk!.spans[0]!
}

const SERVER = [
  ...['http.request.method', 'GET', 'url.scheme', 'http', 'url.path', '/users/7', 'url.query', 'a=1'],
  ...['server.address', 'shop.example', 'server.port', 8080, 'http.route', '/users/:id'],
  ...['http.response.status_code', 200, 'user_agent.original', 'curl/8'],
]

for (const version of VERSIONS) {
  describe(`spans in ${version}`, () => {
    it('a root: what the agent groups by, its times and its marks', () => {
      const span = only(version, record({ attributes: attributes(SERVER) }))
      assert.equal(span.name, 'http.server.request')
      assert.equal(span.resource, 'GET /users/:id')
      assert.equal(span.service, 'shop')
      assert.equal(span.type, 'web')
      assert.equal(span.traceId, 0x8448eb211c80319cn)
      assert.equal(span.spanId, 0xb7ad6b7169203331n)
      assert.equal(span.parentId, 0n)
      assert.equal(span.start, 1_795_411_000_000_000_005n)
      assert.equal(span.duration, 50_000_000n)
      assert.equal(span.error, false)
      const { 'runtime-id': runtimeId, ...texts } = span.texts
      assert.match(runtimeId!, /^[0-9a-f-]{36}$/)
      assert.deepEqual(texts, {
        'span.kind': 'server',
        component: 'my-lib',
        env: 'prod',
        version: '1.2.3',
        team: 'core',
        language: 'javascript',
        'host.name': 'hôte',
        'http.method': 'GET',
        'http.route': '/users/:id',
        'http.status_code': '200',
        'http.url': 'http://shop.example:8080/users/7?a=1',
        'http.useragent': 'curl/8',
        ...(version === '1.0' ? {} : { '_dd.p.tid': '0af7651916cd43dd' }),
      })
      assert.deepEqual(span.numbers, {
        process_id: process.pid,
        '_dd.top_level': 1,
        '_dd.measured': 1,
        ...(version === '1.0' ? {} : { _sampling_priority_v1: 1 }),
      })
    })

    it('a child of this process: neither top-level nor, being internal, measured', () => {
      const child = record({
        spanId: '00f067aa0ba902b7',
        parentSpanId: ROOT_ID,
        isLocalRoot: false,
        kind: 0,
        name: 'charge',
      })
      const [chunk] = encode(version, [record(), child])
      const [, span] = chunk!.spans
      assert.equal(span!.parentId, 0xb7ad6b7169203331n)
      assert.equal(span!.name, 'internal')
      assert.equal(span!.resource, 'charge')
      assert.equal(span!.type, 'custom')
      assert.deepEqual(span!.numbers, {})
      assert.deepEqual(span!.texts, {
        'span.kind': 'internal',
        component: 'my-lib',
        env: 'prod',
        version: '1.2.3',
        team: 'core',
      })
    })

    it('an error: its flag, and what its exception says', () => {
      const exception = {
        name: 'exception',
        timeSeconds: 1_795_411_000,
        timeNanos: 7,
        attributes: attributes([
          'exception.type',
          'TypeError',
          'exception.message',
          'bäd',
          'exception.stacktrace',
          'at x',
        ]),
      }
      const failed = only(version, record({ statusCode: 2, events: [exception] }))
      assert.equal(failed.error, true)
      assert.equal(failed.texts['error.type'], 'TypeError')
      assert.equal(failed.texts['error.message'], 'bäd')
      assert.equal(failed.texts['error.stack'], 'at x')
      const status = only(
        version,
        record({ statusCode: 2, statusMessage: 'no', attributes: attributes(['error.type', '500']) }),
      )
      assert.equal(status.texts['error.type'], '500')
      assert.equal(status.texts['error.message'], 'no')
      assert.equal(status.texts['error.stack'], undefined)
      // A recorded exception alone is no error (OpenTelemetry).
      const recovered = only(version, record({ events: [exception] }))
      assert.equal(recovered.error, false)
      assert.equal(recovered.texts['error.message'], undefined)
    })

    it('every type of attribute', () => {
      const span = only(
        version,
        record({
          attributes: attributes([
            ...[
              'text',
              '',
              'int',
              42,
              'float',
              0.5,
              'negative',
              -1,
              'yes',
              true,
              'no',
              false,
              'nan',
              Number.NaN,
            ],
            ...[
              'infinite',
              Number.POSITIVE_INFINITY,
              'list',
              ['a', null, 'ü'],
              'numbers',
              [1, 2.5, Number.NaN],
            ],
            ...['flags', [true, false], 'none', []],
          ]),
        }),
      )
      const pick = (from: Record<string, unknown>, keys: string[]) => keys.map((key) => from[key])
      assert.deepEqual(pick(span.texts, ['text', 'nan', 'infinite', 'list', 'numbers', 'flags', 'none']), [
        '',
        'NaN',
        'Infinity',
        '["a",null,"ü"]',
        '[1,2.5,"NaN"]',
        '[true,false]',
        '[]',
      ])
      assert.deepEqual(pick(span.numbers, ['int', 'float', 'negative', 'yes', 'no']), [42, 0.5, -1, 1, 0])
    })

    it('cuts what is too long as Datadog does, and never through a character', () => {
      const span = only(
        version,
        record({
          name: 'r'.repeat(6_000),
          kind: 0,
          attributes: attributes([
            'k'.repeat(300),
            'v',
            'long',
            `${'v'.repeat(24_999)}😀`,
            'service.name',
            's'.repeat(150),
          ]),
        }),
      )
      assert.equal(span.resource.length, 5_000)
      assert.equal(span.service.length, 100)
      assert.equal(span.texts[`${'k'.repeat(200)}...`], 'v')
      assert.equal(span.texts['long'], `${'v'.repeat(24_999)}...`)
    })

    it('another service is top-level and says which process it is from', () => {
      const span = only(
        version,
        record({ isLocalRoot: false, parentSpanId: ROOT_ID, attributes: attributes(['service.name', 'db']) }),
      )
      assert.equal(span.service, 'db')
      assert.equal(span.texts['_dd.base_service'], 'shop')
      assert.equal(span.texts['version'], undefined)
      assert.equal(span.numbers['_dd.top_level'], 1)
    })

    it('puts the spans of a trace into one chunk, in the order of their ends', () => {
      const ids = ['a', 'b', 'a', 'c', 'b', 'a', 'a'].map((letter) => letter.repeat(32))
      const records = ids.map((traceId, i) => record({ traceId, spanId: `${i + 1}`.padStart(16, '0') }))
      const chunks = encode(version, records)
      const spanIds = chunks.map(({ spans }) => spans.map(({ spanId }) => Number(spanId)))
      assert.deepEqual(spanIds, [[1, 3, 6, 7], [2, 5], [4]])
      const encoder = encoderFor(version)
      for (const one of records) encoder.append(one)
      assert.equal(readHead(encoder.take().bytes).chunkCount, 3)
      // The next batch knows nothing of the one before.
      encoder.append(records[4]!)
      assert.deepEqual(
        decodeBatch(encoder.take().bytes, version)[0]!.spans.map(({ spanId }) => Number(spanId)),
        [5],
      )
    })

    it('takes priority, origin and mechanism from the trace state of a remote parent', () => {
      const one = record({
        parentSpanId: ROOT_ID,
        parentIsRemote: true,
        traceState: 'x=1,dd=s:2;o:rum;t.dm:-4;t.tid:00',
      })
      const [chunk] = encode(version, [one])
      const [span] = chunk!.spans
      if (version === '1.0')
        assert.deepEqual([chunk!.head![1], chunk!.head![2], chunk!.head![7]], [2, 'rum', 4])
      else {
        assert.equal(span!.numbers['_sampling_priority_v1'], 2)
        assert.equal(span!.texts['_dd.origin'], 'rum')
        assert.equal(span!.texts['_dd.p.dm'], '-4')
      }
      assert.equal(span!.texts['w3c.tracestate'], one.traceState)
    })

    it('the origin stands on every span, propagated tags on the first of a chunk and on its root', () => {
      const traceState = 'dd=s:1;o:rum;t.dm:-1;t.usr:a~~;t.tid:00'
      const common = { traceState, parentSpanId: ROOT_ID, isLocalRoot: false, kind: 0 }
      const child = (spanId: string) => record({ ...common, spanId })
      const [first, second] = [child('0000000000000001'), child('0000000000000002')]
      const root = record({ traceState, parentSpanId: '0000000000000009', parentIsRemote: true })
      const [chunk] = encode(version, [first, second, root])
      const told = chunk!.spans.map(({ texts }) => [texts['_dd.origin'], texts['_dd.p.usr']])
      // `/v1.0` says it of the chunk.
      const origin = version === '1.0' ? undefined : 'rum'
      if (version === '1.0') assert.equal(chunk!.head![2], 'rum')
      assert.deepEqual(told, [
        [origin, 'a=='],
        [origin, undefined],
        [origin, 'a=='],
      ])
      for (const { texts } of chunk!.spans) assert.equal(texts['w3c.tracestate'], undefined)
    })

    it('a record that cannot be encoded leaves the batch as it was', () => {
      const encoder = encoderFor(version)
      encoder.append(record({ spanId: '0000000000000001' }))
      const before = encoder.byteLength
      const bad = { toString: () => assert.fail('no text') } as unknown as string
      assert.throws(() => encoder.append(record({ traceId: 'e'.repeat(32), name: bad })))
      assert.throws(() => encoder.append(record({ attributes: attributes(['x', 1, bad, 'y']) })))
      if (version !== '0.5') assert.equal(encoder.byteLength, before)
      assert.equal(encoder.itemCount, 1)
      encoder.append(record({ spanId: '0000000000000002' }))
      const [chunk, ...others] = decodeBatch(encoder.take().bytes, version)
      assert.deepEqual(
        chunk!.spans.map(({ spanId }) => spanId),
        [1n, 2n],
      )
      assert.equal(others.length, 0)
    })

    it('decode(encode(x)) = x for any spans', () => {
      fc.assert(
        fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 12 }), (records) => {
          const chunks = encode(version, records, { hasEvents: true })
          const byTrace = [...new Set(records.map(({ traceId }) => traceId))]
          assert.equal(chunks.length, byTrace.length)
          chunks.forEach(({ spans }, c) => {
            const own = records.filter(({ traceId }) => traceId === byTrace[c])
            assert.equal(spans.length, own.length)
            for (const [i, span] of spans.entries()) assertSame(span, own[i]!)
          })
        }),
        { numRuns: 100 },
      )
    })
  })
}

const wellFormed = (text: string) => Buffer.from(text, 'utf8').toString('utf8')
const cutAt = (text: string, limit: number) => {
  const units = text.slice(0, limit)
  return /[\ud800-\udbff]$/.test(units) && text.length > limit ? units.slice(0, -1) : units
}
const cutValue = (text: string) => wellFormed(text.length > 25_000 ? `${cutAt(text, 25_000)}...` : text)
const cutKey = (text: string) => wellFormed(text.length > 200 ? `${cutAt(text, 200)}...` : text)
/** Keys with a meaning, which the golden cases cover. */
const MEANT = /^(http|url|server|db|rpc|messaging|service|resource|span|operation|error|component)\b/

/** What every span has, written from the protocol's description and not from the encoders. */
function assertSame(span: DecodedSpan, from: SpanRecord): void {
  assert.equal(span.spanId, BigInt(`0x${from.spanId}`))
  assert.equal(span.parentId, BigInt(`0x${from.parentSpanId ?? '0'}`))
  assert.equal(span.traceId, BigInt(`0x${from.traceId.slice(16)}`))
  const nanos = (seconds: number, rest: number) => BigInt(seconds) * 1_000_000_000n + BigInt(rest)
  const start = nanos(from.startSeconds, from.startNanos)
  const duration = nanos(from.endSeconds, from.endNanos) - start
  assert.equal(span.start, start)
  assert.equal(span.duration, duration < 0n ? 0n : duration)
  assert.equal(span.error, from.statusCode === 2)
  assert.equal(span.texts['span.kind'], ['internal', 'server', 'client', 'producer', 'consumer'][from.kind])
  const expected = new Map<string, unknown>()
  for (const [key, value] of from.attributes) if (!MEANT.test(key)) expected.set(cutKey(key), value)
  for (const [key, value] of expected) {
    if (['env', 'version', 'team', 'language', '__proto__', 'host.name'].includes(key)) continue
    if (typeof value === 'string') assert.equal(span.texts[key], cutValue(value))
    else if (typeof value === 'boolean') assert.equal(span.numbers[key], value ? 1 : 0)
    else if (typeof value !== 'number') assert.equal(typeof span.texts[key], 'string')
    else if (Number.isFinite(value)) assert.equal(span.numbers[key], value)
    else assert.equal(span.texts[key], String(value))
  }
}

describe('events and links', () => {
  const event = {
    name: 'cache miss',
    timeSeconds: 1_795_411_000,
    timeNanos: 42,
    attributes: attributes([
      'key',
      'u:7',
      'n',
      3,
      'r',
      0.5,
      'ok',
      true,
      'list',
      ['a', 'b'],
      'big',
      2 ** 60,
      'nan',
      Number.NaN,
    ]),
  }
  const link = {
    traceId: '1'.repeat(32),
    spanId: '2'.repeat(16),
    traceFlags: 1,
    traceState: 'a=1',
    isRemote: true,
    attributes: attributes(['why', 'retry', 'n', 3]),
  }
  const one = record({ events: [event], links: [link] })

  it('stand in a field of 0.4 where the agent takes them there', () => {
    const span = only('0.4', one, { hasEvents: true })
    assert.equal(span.texts['events'], undefined)
    assert.deepEqual(span.events, [
      {
        name: 'cache miss',
        time_unix_nano: 1_795_411_000_000_000_042n,
        attributes: {
          key: { type: 0, string_value: 'u:7' },
          n: { type: 2, int_value: 3 },
          r: { type: 3, double_value: 0.5 },
          ok: { type: 1, bool_value: true },
          list: {
            type: 4,
            array_value: {
              values: [
                { type: 0, string_value: 'a' },
                { type: 0, string_value: 'b' },
              ],
            },
          },
          big: { type: 3, double_value: 2 ** 60 },
          nan: { type: 0, string_value: 'NaN' },
        },
      },
    ])
  })

  it('are tags in JSON otherwise, with exact times', () => {
    for (const version of ['0.4', '0.5'] as const) {
      const { texts } = only(version, one)
      assert.match(texts['events']!, /"time_unix_nano":1795411000000000042\b/)
      assert.deepEqual(JSON.parse(texts['events']!)[0].attributes, {
        ...{ key: 'u:7', n: 3, r: 0.5, ok: true, list: ['a', 'b'], big: 2 ** 60, nan: 'NaN' },
      })
      assert.deepEqual(JSON.parse(texts['_dd.span_links']!), [
        {
          trace_id: '1'.repeat(32),
          span_id: '2'.repeat(16),
          attributes: { why: 'retry', n: '3' },
          tracestate: 'a=1',
          flags: 1,
        },
      ])
    }
  })

  it('are fields of 1.0', () => {
    const span = only('1.0', one)
    const [decodedEvent] = span.events as Record<string, unknown>[]
    assert.equal(decodedEvent![1], 1_795_411_000_000_000_042n)
    assert.equal(decodedEvent![2], 'cache miss')
    assert.deepEqual((decodedEvent![3] as unknown[]).slice(0, 15), [
      'key',
      1,
      'u:7',
      'n',
      4,
      3,
      'r',
      3,
      0.5,
      'ok',
      2,
      true,
      'list',
      6,
      [1, 'a', 1, 'b'],
    ])
    const [decodedLink] = span.links as Record<string, unknown>[]
    assert.equal(Buffer.from(decodedLink![1] as Uint8Array).toString('hex'), '1'.repeat(32))
    assert.equal(decodedLink![2], 0x2222222222222222n)
    assert.deepEqual(decodedLink![3], ['why', 1, 'retry', 'n', 4, 3])
    assert.equal(decodedLink![4], 'a=1')
    assert.equal(Number(decodedLink![5]), 0x8000_0001)
  })

  it('stay JSON that can be read, however much there is', () => {
    const events = Array.from({ length: 200 }, (_, i) => ({
      ...event,
      name: `${i}`,
      attributes: attributes(['x', 'y'.repeat(9_000)]),
    }))
    const { texts } = only('0.5', record({ events, links: Array.from({ length: 300 }, () => link) }))
    assert.ok(texts['events']!.length <= 25_000)
    assert.ok(JSON.parse(texts['events']!).length >= 3)
    assert.ok(JSON.parse(texts['_dd.span_links']!).length > 50)
  })
})

describe('batches', () => {
  it('are written for what the agent offers when they are opened', () => {
    let version: Version = '0.4'
    const encoder = new DatadogSpanEncoder(identity, () => ({
      ...LEAST_OFFER,
      version,
      hasStatistics: version !== '0.4',
    }))
    assert.equal(encoder.byteLength, 0)
    encoder.append(record())
    version = '1.0'
    encoder.append(record())
    assert.equal(encoder.offer.version, '0.4')
    const first = encoder.take()
    assert.deepEqual(readHead(first.bytes), { version: '0.4', chunkCount: 1, inStatistics: false })
    assert.equal(encoder.offer.version, '1.0')
    encoder.append(record())
    const second = encoder.take()
    assert.deepEqual(readHead(second.bytes), { version: '1.0', chunkCount: 1, inStatistics: true })
    assert.equal(decodeBatch(second.bytes, '1.0')[0]!.spans[0]!.spanId, BigInt(`0x${ROOT_ID}`))
    assert.ok(first.bytes.length > HEAD_LENGTH)
  })

  it('have an id of 128 bits on the first span of a chunk only', () => {
    const records = [record(), record({ spanId: '1'.repeat(16), parentSpanId: ROOT_ID, isLocalRoot: false })]
    const [chunk] = encode('0.4', records)
    assert.deepEqual(
      chunk!.spans.map(({ texts }) => texts['_dd.p.tid']),
      [TRACE_ID.slice(0, 16), undefined],
    )
    const [short] = encode('0.4', [record({ traceId: `${'0'.repeat(16)}8448eb211c80319c` })])
    assert.equal(short!.spans[0]!.texts['_dd.p.tid'], undefined)
  })
})
