import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import fc from 'fast-check'
import { LEAST_OFFER } from '../dist/agent/agent-offer.js'
import { identityOf } from '../dist/spans/identity.js'
import { DdSketch } from '../dist/statistics/dd-sketch.js'
import { encodeStatistics } from '../dist/statistics/encode-statistics.js'
import { grpcStatusCode } from '../dist/statistics/grpc-status.js'
import { SpanStatistics } from '../dist/statistics/span-statistics.js'
import { decodeAny } from './decode'
import { attributes, ROOT_ID, record, resource } from './records'
import { readSketch } from './vendor-sketch'

const identity = identityOf(resource, { tags: [] })
const offer = { ...LEAST_OFFER, hasStatistics: true, peerTags: ['out.host', 'db.system', 'peer.service'] }

function statistics() {
  return new SpanStatistics({ service: 'shop', offerFor: () => offer })
}

function batchesOf(counted: InstanceType<typeof SpanStatistics>, sequence: number) {
  const encoded = [...encodeStatistics(counted.take(), identity, () => sequence)]
  return encoded.filter((batch) => batch !== undefined)
}

// biome-ignore lint/suspicious/noExplicitAny: decoded bytes
function groupsOf(counted: InstanceType<typeof SpanStatistics>): any[] {
  const [batch] = batchesOf(counted, 1)
  // biome-ignore lint/suspicious/noExplicitAny: decoded bytes
  return decodeAny(batch!.bytes).Stats.flatMap((bucket: any) => bucket.Stats)
}

describe('sketch', () => {
  it("is read by Datadog's own library, with percentiles right to one percent", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1, max: 1e15, noNaN: true }), { minLength: 1, maxLength: 300 }),
        (values) => {
          const sketch = new DdSketch()
          for (const value of values) sketch.add(value)
          const decoded = readSketch(sketch.encode())
          assert.equal(decoded.count, values.length)
          values.sort((a, b) => a - b)
          for (const quantile of [0, 0.25, 0.5, 0.75, 0.95, 1]) {
            const exact = values[Math.floor(quantile * (values.length - 1))]!
            // The JavaScript library reads bucket i as the one below it, see `DdSketch`.
            const read = decoded.getValueAtQuantile(quantile) * 1.0202020202
            assert.ok(Math.abs(read - exact) <= exact * 0.0101, `${quantile}: ${read}, not ${exact}`)
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  it('counts what took no time, and what took for ever', () => {
    const sketch = new DdSketch()
    for (const value of [0, 0, 0.5, 1e30]) sketch.add(value)
    const decoded = readSketch(sketch.encode())
    assert.equal(decoded.count, 4)
    assert.equal(decoded.zeroCount, 3)
    assert.equal(readSketch(new DdSketch().encode()).count, 0)
  })

  it('is a map of few buckets, or counts side by side of many', () => {
    const few = new DdSketch()
    few.add(1e3)
    few.add(1e9)
    const many = new DdSketch()
    for (let i = 0; i < 1_000; i++) many.add(1e6 * 1.005 ** i)
    assert.ok(few.encode().length < 60)
    assert.ok(many.encode().length < 8 * 260)
    assert.equal(readSketch(few.encode()).count, 2)
    assert.equal(readSketch(many.encode()).count, 1_000)
  })
})

describe('statistics', () => {
  it('count hits, errors and durations of all spans, sampled or not', () => {
    const counted = statistics()
    for (let i = 0; i < 10; i++) counted.onEnd(record(), i === 0)
    for (let i = 0; i < 3; i++) counted.onEnd(record({ statusCode: 2 }), false)
    const [group, ...others] = groupsOf(counted)
    assert.equal(others.length, 0)
    const { OkSummary, ErrorSummary, ...rest } = group
    assert.deepEqual(rest, {
      Service: 'shop',
      Name: 'server.request',
      Resource: 'GET /users/:id',
      HTTPStatusCode: 0,
      Type: 'web',
      Hits: 13,
      Errors: 3,
      Duration: 650_000_000,
      Synthetics: false,
      TopLevelHits: 13,
      SpanKind: 'server',
      PeerTags: [],
      IsTraceRoot: 1,
      GRPCStatusCode: '',
      HTTPMethod: '',
      HTTPEndpoint: '',
    })
    assert.equal(readSketch(OkSummary).count, 10)
    assert.equal(readSketch(ErrorSummary).count, 3)
    assert.deepEqual(counted.take(), [])
  })

  it('tell apart by status, route, kind, origin, root and the other side', () => {
    const counted = statistics()
    const http = (status: number) =>
      attributes(['http.request.method', 'GET', 'http.route', '/a', 'http.response.status_code', status])
    counted.onEnd(record({ attributes: http(200) }), true)
    counted.onEnd(record({ attributes: http(500) }), true)
    counted.onEnd(record({ attributes: http(200), parentSpanId: ROOT_ID }), true)
    counted.onEnd(record({ attributes: http(200), traceState: 'dd=o:synthetics-browser' }), true)
    const call = (host: string) =>
      record({
        kind: 2,
        parentSpanId: ROOT_ID,
        isLocalRoot: false,
        attributes: attributes(['db.system.name', 'postgresql', 'server.address', host]),
      })
    counted.onEnd(call('db-1'), true)
    counted.onEnd(call('db-2'), true)
    counted.onEnd(call('10.0.0.1'), true)
    counted.onEnd(call('10.0.0.2'), true)
    const groups = groupsOf(counted)
    assert.deepEqual(
      groups.map(({ HTTPStatusCode, SpanKind, IsTraceRoot, Synthetics, PeerTags, Hits, TopLevelHits }) => [
        ...[HTTPStatusCode, SpanKind, IsTraceRoot, Synthetics, PeerTags.join(), Hits, TopLevelHits],
      ]),
      [
        [200, 'server', 1, false, '', 1, 1],
        [500, 'server', 1, false, '', 1, 1],
        [200, 'server', 2, false, '', 1, 1],
        [200, 'server', 1, true, '', 1, 1],
        [0, 'client', 2, false, 'db.system:postgresql,out.host:db-1', 1, 0],
        [0, 'client', 2, false, 'db.system:postgresql,out.host:db-2', 1, 0],
        [0, 'client', 2, false, 'db.system:postgresql,out.host:blocked-ip-address', 2, 0],
      ],
    )
  })

  it('leave out what is neither top-level nor of a kind, and everything while the agent counts itself', () => {
    const counted = statistics()
    counted.onEnd(record({ kind: 0, isLocalRoot: false, parentSpanId: ROOT_ID }), true)
    assert.deepEqual(counted.take(), [])
    const agents = new SpanStatistics({ service: 'shop', offerFor: () => LEAST_OFFER })
    agents.onEnd(record(), true)
    assert.deepEqual(agents.take(), [])
  })

  it('stand in the ten seconds in which spans ended', () => {
    const counted = statistics()
    for (const endSeconds of [1_795_411_009, 1_795_411_010, 1_795_411_011])
      counted.onEnd(record({ endSeconds }), true)
    const [batch] = batchesOf(counted, 7)
    assert.equal(batch!.itemCount, 2)
    const payload = decodeAny(batch!.bytes)
    const { Env, Version, Service, Lang, TracerVersion, Sequence } = payload
    assert.deepEqual(
      { Env, Version, Service, Lang, TracerVersion, Sequence },
      {
        ...{
          Env: 'prod',
          Version: '1.2.3',
          Service: 'shop',
          Lang: 'javascript',
          TracerVersion: '0.1.0',
          Sequence: 7,
        },
      },
    )
    assert.deepEqual(
      // biome-ignore lint/suspicious/noExplicitAny: decoded bytes
      payload.Stats.map(({ Start, Duration, Stats }: any) => [Start, Number(Duration), Stats[0].Hits]),
      [
        [1_795_411_000_000_000_000n, 1e10, 1],
        [1_795_411_010_000_000_000n, 1e10, 2],
      ],
    )
  })

  it('are bounded: resources with ids in them count as one', () => {
    const counted = statistics()
    for (let i = 0; i < 10_100; i++) counted.onEnd(record({ kind: 0, name: `job ${i}` }), true)
    const batches = batchesOf(counted, 1)
    assert.ok(batches.length > 1)
    assert.ok(batches.every(({ bytes }) => bytes.length < 1.2 * 1024 * 1024))
    // biome-ignore lint/suspicious/noExplicitAny: decoded bytes
    const groups: any[] = batches.flatMap(({ bytes }) => decodeAny(bytes).Stats).flatMap(({ Stats }) => Stats)
    assert.equal(groups.length, 10_001)
    assert.equal(groups.find(({ Resource }) => Resource === 'other').Hits, 100)
    assert.equal(
      groups.reduce((sum, { Hits }) => sum + Hits, 0),
      10_100,
    )
  })

  it('are bounded: so are ends at times that somebody made up', () => {
    const counted = statistics()
    for (let i = 0; i < 21_000; i++) counted.onEnd(record({ startSeconds: 0, endSeconds: 10 * i }), true)
    assert.equal(counted.take().length, 20_000)
    counted.onEnd(record(), true)
    assert.equal(counted.take().length, 1)
  })

  it('know gRPC statuses by number and name', () => {
    const of = [
      '0',
      13,
      'NOT_FOUND',
      'StatusCode.Unavailable',
      'canceled',
      'DeadlineExceeded',
      'nonsense',
      undefined,
    ]
    assert.deepEqual(
      of.map((status) => grpcStatusCode(status === undefined ? undefined : String(status))),
      [...['0', '13', '5', '14', '1', '4', '', '']],
    )
  })
})
