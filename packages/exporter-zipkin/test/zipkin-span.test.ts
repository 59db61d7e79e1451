import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AttributeList, type AttributeValue, type PushTraces, type SpanRecord } from '@hashira/core'
import { zipkin } from '@hashira/exporter-zipkin'
import { goldenRecord } from '@hashira/testing'
import fc from 'fast-check'
import { anyRecord } from './any-record'
import { type ReadSpan, readProtobuf } from './zipkin-schema'

const resource = {
  attributes: new AttributeList(['service.name', 'Shop', 'service.namespace', 'eu', 'host.id', 7]),
}

function encode(format: 'json' | 'protobuf', ...records: SpanRecord[]): ReadSpan[] {
  const encoder = (zipkin({ format }).traces as PushTraces).createEncoder(resource)
  for (const record of records) encoder.append(record)
  assert.ok(encoder.byteLength > 0)
  const { bytes, itemCount } = encoder.take()
  assert.equal(itemCount, records.length)
  assert.deepEqual([encoder.itemCount, encoder.byteLength], [0, 0])
  return format === 'json'
    ? JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    : readProtobuf(bytes)
}

/** The same in both formats. */
function encodeBoth(given: Partial<SpanRecord> & { flat?: unknown[] } = {}): ReadSpan {
  const { flat = [], ...rest } = given
  const record = goldenRecord({ attributes: new AttributeList(flat as (string | AttributeValue)[]), ...rest })
  const [json] = encode('json', record)
  const [protobuf] = encode('protobuf', record)
  assert.deepEqual(protobuf, json)
  return json as ReadSpan
}

const remote = (flat: unknown[], kind = 2) => encodeBoth({ kind, flat }).remoteEndpoint

describe('a span as Zipkin has it', () => {
  it('tells everything', () => {
    const event = {
      timeSeconds: 1_795_411_000,
      timeNanos: 7_999,
      name: 'retry',
      attributes: new AttributeList(),
    }
    const attributes = new AttributeList(['attempt', 2, 'why', ['a', null]])
    const span = encodeBoth({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      parentSpanId: '00f067aa0ba902b7',
      kind: 2,
      name: 'GET',
      startSeconds: 1_795_411_000,
      startNanos: 123_456_789,
      endSeconds: 1_795_411_001,
      endNanos: 0,
      flat: [
        'server.address',
        'stock',
        'server.port',
        8080,
        'list',
        [1, 'a', null, Number.NaN],
        'host.id',
        'own',
      ],
      events: [event, { ...event, attributes }],
      statusCode: 2,
      statusMessage: 'no stock',
    })
    assert.deepEqual(span, {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentId: '00f067aa0ba902b7',
      id: 'b7ad6b7169203331',
      kind: 'CLIENT',
      name: 'GET',
      timestamp: 1_795_411_000_123_456,
      duration: 876_543,
      localEndpoint: { serviceName: 'Shop' },
      remoteEndpoint: { serviceName: 'stock', port: 8080 },
      annotations: [
        { timestamp: 1_795_411_000_000_007, value: 'retry' },
        { timestamp: 1_795_411_000_000_007, value: '"retry":{"attempt":2,"why":["a",null]}' },
      ],
      tags: {
        'service.namespace': 'eu',
        'server.address': 'stock',
        'server.port': '8080',
        list: '[1,"a",null,"NaN"]',
        'host.id': 'own',
        'otel.scope.name': '@hashira/conformance',
        'otel.scope.version': '1.2.3',
        'otel.library.name': '@hashira/conformance',
        'otel.library.version': '1.2.3',
        'otel.status_code': 'ERROR',
        error: 'no stock',
      },
    })
  })

  it('leaves out what is not known', () => {
    const keys = Object.keys(encodeBoth({ name: '', kind: 0, startSeconds: 0, startNanos: 0 }))
    assert.deepEqual(keys.sort(), ['duration', 'id', 'localEndpoint', 'tags', 'traceId'])
  })

  it('lasts a microsecond at least', () => {
    const times = { startSeconds: 10, startNanos: 500, endSeconds: 10 }
    const durations = [500, 501, 1_499, 2_499, 2_500, 400].map(
      (endNanos) => encodeBoth({ ...times, endNanos }).duration,
    )
    assert.deepEqual(durations, [1, 1, 1, 1, 2, 1])
  })

  it('keeps a trace id of 64 bits as short as others report it', () => {
    const padded = '00000000000000008448eb211c80319c'
    assert.equal(encodeBoth({ traceId: padded }).traceId, '8448eb211c80319c')
    assert.equal(encodeBoth({ traceId: `1${padded.slice(1)}` }).traceId, `1${padded.slice(1)}`)
  })

  it('refuses a span whose ids Zipkin would refuse the whole request for', () => {
    for (const wrong of ['', 'b7ad', 'B7AD6B7169203331', 'x7ad6b7169203331'])
      for (const format of ['json', 'protobuf'] as const)
        assert.throws(() => encode(format, goldenRecord({ spanId: wrong })), RangeError)
  })

  it('is a failure only when the status says so', () => {
    const error = (given: Parameters<typeof encodeBoth>[0]) => encodeBoth(given).tags?.['error']
    assert.equal(error({ flat: ['error', false] }), undefined)
    assert.equal(error({ flat: ['error', 'false'], statusCode: 1 }), undefined)
    assert.equal(error({ flat: ['error', 'yes'] }), 'yes')
    assert.equal(error({ flat: ['error', false], statusCode: 2 }), '')
  })

  it('names the other side by what tells most', () => {
    assert.deepEqual(remote(['db.name', 'shop', 'peer.service', 'db']), { serviceName: 'db' })
    assert.deepEqual(remote(['network.peer.address', '10.0.0.7', 'network.peer.port', 5432]), {
      serviceName: '10.0.0.7',
      ipv4: '10.0.0.7',
      port: 5432,
    })
    assert.deepEqual(remote(['server.address', '2001:db8::1', 'server.port', 0]), {
      serviceName: '2001:db8::1',
      ipv6: '2001:db8::1',
    })
    assert.deepEqual(remote(['net.peer.name', 'old', 'net.peer.port', '80'], 3), {
      serviceName: 'old',
      port: 80,
    })
    assert.equal(remote(['server.address', '']), undefined)
    assert.equal(remote(['peer.service', 'db'], 1), undefined)
  })

  it('has the default service name without one', () => {
    const encoder = (zipkin().traces as PushTraces).createEncoder({ attributes: new AttributeList() })
    encoder.append(goldenRecord())
    const [span] = JSON.parse(Buffer.from(encoder.take().bytes).toString()) as ReadSpan[]
    assert.deepEqual(span?.localEndpoint, { serviceName: 'unknown_service:node' })
  })

  it('is the same in both formats, whatever the span', (t) => {
    const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31)
    t.diagnostic(`seed ${seed}`)
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 3 }), (records) => {
        const json = encode('json', ...records)
        assert.deepEqual(encode('protobuf', ...records), json)
        for (const [i, { traceId, spanId }] of records.entries()) {
          assert.equal(json[i]?.traceId.padStart(32, '0'), traceId)
          assert.equal(json[i]?.id, spanId)
        }
      }),
      { seed, numRuns: 200 },
    )
  })
})
