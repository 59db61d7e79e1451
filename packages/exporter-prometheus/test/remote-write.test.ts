import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'node:test'
import {
  AttributeList,
  type AttributeValue,
  type Batch,
  type HttpRequest,
  isHashiraError,
  type MetricFamily,
  type MetricSnapshot,
  type PushMetrics,
  type Transport,
} from '@hashira/core'
import { createMetricPipeline } from '@hashira/delivery'
import { type PrometheusOptions, prometheus } from '@hashira/exporter-prometheus'
import { goldenMetrics } from '@hashira/testing'
import fc from 'fast-check'
import { toVersion1 } from '../dist/remote-write/to-version-1.js'
import {
  type ReadRequest,
  type ReadSeries,
  read1,
  read2,
  readCompressed,
} from './support/remote-write-schema'

const TIME = 1_795_411_060_000
const START = 1_795_411_000_000
const TRACE = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
const resource = {
  attributes: new AttributeList([
    ...['service.name', 'shop', 'service.namespace', 'eu', 'service.instance.id', 'one'],
  ]),
}
const base = { naming: 'opentelemetry', description: 'Help', unit: '' } as const

function snapshotOf(...families: MetricFamily[]): MetricSnapshot {
  return { families, failures: [], timeUnixMs: TIME }
}

function writeOf(options: PrometheusOptions): PushMetrics {
  const { metrics } = prometheus({ port: 'none', remoteWriteUrl: 'http://127.0.0.1:9/write', ...options })
  const [push] = metrics as PushMetrics[]
  return push!
}

function encode(snapshot: MetricSnapshot, options: PrometheusOptions): ReadSeries[] {
  const read = options.remoteWriteProtocol === '1.0' ? read1 : read2
  return batchesOf(snapshot, options).flatMap((batch) => {
    const { series } = read(batch.bytes)
    assert.equal(series.length, batch.itemCount)
    return series
  })
}

/** Without the turns that are given to others in between. */
function batchesOf(snapshot: MetricSnapshot, options: PrometheusOptions): Batch[] {
  return [...writeOf(options).encode(snapshot, resource)].filter((batch) => batch !== undefined)
}

const named = (series: ReadSeries) => Object.fromEntries(series.labels)

const histogram: MetricFamily = {
  ...base,
  name: 'http.server.request.duration',
  unit: 's',
  type: 'histogram',
  points: [
    {
      attributes: ['http.route', '/a', 'empty', ''],
      startTimeUnixMs: START,
      count: 6,
      sum: 12.5,
      bounds: [0.25, 1],
      bucketCounts: [1, 2, 3],
      exemplars: [
        { ...TRACE, value: 0.2, timeUnixMs: TIME - 5.5, attributes: ['user', 'u7'] },
        undefined,
        undefined,
      ],
    },
  ],
}
const counter: MetricFamily = {
  ...base,
  name: 'jobs',
  type: 'counter',
  points: [{ attributes: ['job', 'own', 'z', 1], startTimeUnixMs: START, value: 3 }],
}

for (const remoteWriteProtocol of ['1.0', '2.0'] as const) {
  describe(`remote write ${remoteWriteProtocol}`, () => {
    const is2 = remoteWriteProtocol === '2.0'
    const startTimestamp = is2 ? START : undefined

    it('writes a histogram as one series a bucket, labels by name, with exemplars', () => {
      const series = encode(snapshotOf(histogram), { remoteWriteProtocol }).filter(
        ({ labels }) => !named({ labels } as ReadSeries)['__name__']!.startsWith('target'),
      )
      const common = [
        ['http_route', '/a'],
        ['instance', 'one'],
        ['job', 'eu/shop'],
      ]
      const name = 'http_server_request_duration_seconds'
      const bucket = (le: string) => [['__name__', `${name}_bucket`], ...common, ['le', le]]
      assert.deepEqual(
        series.map(({ labels, value }) => [labels, value]),
        [
          [bucket('0.25'), 1],
          [bucket('1.0'), 3],
          [bucket('+Inf'), 6],
          [[['__name__', `${name}_sum`], ...common], 12.5],
          [[['__name__', `${name}_count`], ...common], 6],
        ],
      )
      assert.ok(series.every((one) => one.timestamp === TIME && one.startTimestamp === startTimestamp))
      const labels = { span_id: TRACE.spanId, trace_id: TRACE.traceId, user: 'u7' }
      assert.deepEqual(
        series.map(({ exemplars }) => exemplars),
        [[{ labels, value: 0.2, timestamp: TIME - 6 }], [], [], [], []],
      )
      if (is2)
        assert.deepEqual(series[0]?.metadata, {
          type: 'METRIC_TYPE_HISTOGRAM',
          help: 'Help',
          unit: 'seconds',
        })
    })

    it('keeps its own job and instance, as a scrape would', () => {
      const [series] = encode(snapshotOf(counter), {
        remoteWriteProtocol,
        job: 'nightly',
        instance: 'two',
      }).filter((one) => named(one)['__name__'] === 'jobs_total')
      assert.deepEqual(named(series!), {
        __name__: 'jobs_total',
        exported_job: 'own',
        instance: 'two',
        job: 'nightly',
        z: '1',
      })
    })

    it('keeps apart what has the name of a label of the target, also of the resource', () => {
      const attributes = ['job', 'a', 'exported_job', 'b', 'instance', 'c']
      const points = [{ attributes, startTimeUnixMs: START, value: 1 }]
      const own = { attributes: new AttributeList(['service.name', 'shop', 'job', 'x']) }
      const batches = [
        ...writeOf({ remoteWriteProtocol }).encode(snapshotOf({ ...counter, points } as MetricFamily), own),
      ]
      const { series } = (is2 ? read2 : read1)(batches[0]!.bytes)
      assert.deepEqual(series.map(named), [
        { __name__: 'target_info', exported_job: 'x', job: 'shop', service_name: 'shop' },
        {
          __name__: 'jobs_total',
          exported_exported_job: 'a',
          exported_instance: 'c',
          exported_job: 'b',
          job: 'shop',
        },
      ])
    })

    it('describes the resource', () => {
      const [info] = encode(snapshotOf(counter), { remoteWriteProtocol })
      assert.equal(named(info!)['__name__'], 'target_info')
      assert.equal(named(info!)['service_namespace'], 'eu')
      assert.equal(info?.startTimestamp, undefined)
    })

    it('writes thousands of series as requests of some 128 KiB', () => {
      const points = Array.from({ length: 5_000 }, (_, i) => ({
        attributes: ['path', `/items/${i}`],
        startTimeUnixMs: START,
        value: i,
      }))
      const batches = batchesOf(snapshotOf({ ...counter, points } as MetricFamily), { remoteWriteProtocol })
      assert.ok(batches.length > 1)
      assert.ok(batches.every((batch) => batch.bytes.length < 140 * 1024))
      const read = is2 ? read2 : read1
      const values = batches.flatMap((batch) => read(batch.bytes).series.map(({ value }) => value))
      assert.deepEqual(
        values.slice(1),
        points.map(({ value }) => value),
      )
    })

    it('takes any metric, and two series stay two', (t) => {
      const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31)
      t.diagnostic(`seed ${seed}`)
      fc.assert(
        fc.property(
          fc.uniqueArray(anyAttributes, { selector: (flat) => JSON.stringify(sortedPairs(flat)) }),
          (all) => {
            const points = all.map((attributes, i) => ({ attributes, startTimeUnixMs: START, value: i }))
            const written = encode(
              snapshotOf({ ...base, name: 'x', type: 'gauge', points } as MetricFamily),
              {
                remoteWriteProtocol,
              },
            ).filter((one) => named(one)['__name__'] === 'x')
            assert.deepEqual(
              written.map(({ value }) => value),
              points.map(({ value }) => value),
            )
            const keys = written.map(({ labels }) => JSON.stringify(labels))
            assert.equal(new Set(keys).size, points.length)
            for (const [i, one] of written.entries())
              assert.deepEqual(ownLabels(one), sortedPairs(points[i]!.attributes))
          },
        ),
        { seed, numRuns: 300 },
      )
    })
  })
}

describe('whatever a source gives instead of a metric', () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withNullPrototype: true,
    withSparseArray: true,
  })
  const anyPoint = fc.record(
    {
      attributes: fc.array(fc.oneof(fc.string(), anything), { maxLength: 6 }),
      startTimeUnixMs: fc.oneof(fc.double(), anything),
      value: anything,
      count: anything,
      sum: anything,
      bounds: fc.oneof(fc.array(fc.double()), anything),
      bucketCounts: fc.oneof(fc.array(fc.double()), anything),
      quantiles: fc.oneof(fc.array(fc.record({ quantile: anything, value: anything })), anything),
      exemplar: anything,
      exemplars: anything,
    },
    { requiredKeys: ['attributes'] },
  )
  const anyFamily = fc.record({
    name: fc.string(),
    naming: fc.constantFrom('opentelemetry', 'prometheus'),
    description: fc.string(),
    unit: fc.string(),
    type: fc.constantFrom('counter', 'updowncounter', 'gauge', 'unknown', 'histogram', 'summary'),
    points: fc.array(anyPoint, { maxLength: 3 }),
  })

  for (const remoteWriteProtocol of ['1.0', '2.0'] as const)
    it(`remote write ${remoteWriteProtocol} does not throw, and the others are whole`, (t) => {
      const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31)
      t.diagnostic(`seed ${seed}`)
      fc.assert(
        fc.property(fc.array(anyFamily, { maxLength: 4 }), (families) => {
          const all = [...(families as unknown as MetricFamily[]), { ...counter, name: 'surely.mine' }]
          const names = encode(snapshotOf(...all), { remoteWriteProtocol }).map(
            (one) => named(one)['__name__'],
          )
          assert.ok(names.includes('surely_mine_total'))
        }),
        { seed, numRuns: 500 },
      )
    })
})

/** Keys that no two of become one label: what is left are values, which may be anything. */
const anyKey = fc.constantFrom('a', 'b', 'c', 'd')
const anyText = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.constantFrom('x|', '|y', 'x"', ',b="y', '\u0000', 'é', '🎌', '\\', ''),
)
const anyAttributes = fc
  .uniqueArray(fc.tuple(anyKey, anyText), { selector: ([key]) => key, maxLength: 4 })
  .map((pairs) => pairs.flat() as (string | AttributeValue)[])

function sortedPairs(flat: readonly unknown[]): [string, string][] {
  const pairs = Array.from(
    { length: flat.length / 2 },
    (_, i) => [String(flat[2 * i]), String(flat[2 * i + 1])] as [string, string],
  )
  // To Prometheus an empty value is none.
  return pairs.filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : 1))
}

function ownLabels({ labels }: ReadSeries): (readonly [string, string])[] {
  return labels.filter(([name]) => !['__name__', 'job', 'instance'].includes(name))
}

describe('a request of 2.0 as one of 1.0', () => {
  it('says the same', () => {
    const [batch] = [
      ...writeOf({ remoteWriteProtocol: '2.0' }).encode(snapshotOf(histogram, counter), resource),
    ]
    const { series } = read1(toVersion1(batch!.bytes))
    const before = read2(batch!.bytes).series
    assert.deepEqual(
      series,
      before.map(({ metadata, startTimestamp, ...one }) => one),
    )
  })

  it('throws for what is none', () => {
    for (const bytes of [[0x2a, 5, 1], [0x0b], [0x80]])
      assert.throws(() => toVersion1(Uint8Array.from(bytes)), RangeError)
  })
})

describe('remote write to a server', () => {
  interface Received extends ReadRequest {
    readonly version: string
    readonly headers: IncomingMessage['headers']
  }
  let received: Received[]
  let answer: (
    version: string,
    samples: number,
  ) => { status: number; headers?: Record<string, string>; body?: string }
  let server: Server
  let remoteWriteUrl: string

  beforeEach(async () => {
    received = []
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const version = String(request.headers['x-prometheus-remote-write-version'])
      const read = readCompressed(Buffer.concat(chunks), version === '2.0.0')
      received.push({ version, headers: request.headers, ...read })
      const { status, headers = {}, body } = answer(version, read.series.length)
      response.writeHead(status, headers).end(body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    remoteWriteUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/write`
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  const written = (samples: number) => ({ 'x-prometheus-remote-write-samples-written': String(samples) })

  async function push(options: PrometheusOptions, times = 1) {
    const one = writeOf({ remoteWriteUrl, pushIntervalMs: 3_600_000, ...options })
    const collect = async () => ({ ...snapshotOf(counter), timeUnixMs: Date.now() })
    const pipeline = createMetricPipeline({ exporter: one.name!, push: one, resource, collect })
    for (let i = 1; i < times; i++) await pipeline.flush(Date.now() + 20_000)
    await pipeline.shutdown(Date.now() + 20_000)
    return pipeline.account()
  }

  const versions = () => received.map(({ version }) => version)

  it('sends what the protocol wants, whatever the headers of the user are', async () => {
    answer = (_version, samples) => ({ status: 204, headers: written(samples) })
    const pushHeaders = { 'X-Scope-OrgID': 'eu', 'Content-Type': 'text/plain', 'user-agent': 'me' }
    const account = await push({ pushHeaders, pushBearerToken: 'secret-token' })
    assert.deepEqual([account.delivered, account.dropped], [2, {}])
    const { headers } = received[0]!
    assert.equal(headers['content-type'], 'application/x-protobuf;proto=io.prometheus.write.v2.Request')
    assert.equal(headers['content-encoding'], 'snappy')
    assert.match(String(headers['user-agent']), /^hashira\//)
    assert.equal(headers['x-scope-orgid'], 'eu')
    assert.equal(headers.authorization, 'Bearer secret-token')
  })

  it('sends 1.0 as such', async () => {
    answer = () => ({ status: 204 })
    const account = await push({ remoteWriteProtocol: '1.0', pushUsername: 'me', pushPassword: 'pass' })
    assert.equal(account.delivered, 2)
    const { headers, metadata } = received[0]!
    assert.equal(headers['content-type'], 'application/x-protobuf')
    assert.equal(headers['x-prometheus-remote-write-version'], '0.1.0')
    assert.equal(headers.authorization, `Basic ${Buffer.from('me:pass').toString('base64')}`)
    assert.deepEqual(metadata[1], { type: 'COUNTER', metricFamilyName: 'jobs', help: 'Help' })
  })

  const refusals = {
    'with 415': { status: 415, body: 'what is this' },
    'with a 2xx that counts nothing as written': { status: 204 },
    'with 400, as receivers of 1.0 do': { status: 400, body: 'proto: wrong wireType' },
  }
  for (const [how, refusal] of Object.entries(refusals)) {
    it(`falls back to 1.0 where 2.0 is refused ${how}, and loses nothing`, async () => {
      answer = (version) => (version === '2.0.0' ? refusal : { status: 204 })
      const account = await push({}, 3)
      assert.deepEqual([account.delivered, account.dropped], [6, {}])
      assert.deepEqual(versions(), ['2.0.0', '0.1.0', '0.1.0', '0.1.0'])
      assert.deepEqual(received[1]?.series.map(named), received[0]?.series.map(named))
    })
  }

  it('stays with 2.0 once it was taken: a 400 is then about the samples', async () => {
    answer = (_version, samples) => {
      const last = received.length === 2
      return last
        ? { status: 400, headers: written(0), body: 'out of order' }
        : { status: 204, headers: written(samples) }
    }
    const account = await push({}, 2)
    assert.deepEqual(account.dropped, { http_400: 2 })
    assert.deepEqual(versions(), ['2.0.0', '2.0.0'])
  })

  it('does not fall back when 2.0 is asked for', async () => {
    answer = () => ({ status: 415 })
    assert.deepEqual((await push({ remoteWriteProtocol: '2.0' })).dropped, { http_415: 2 })
    assert.deepEqual(versions(), ['2.0.0'])
  })

  it('counts what was not written of a partial write', async () => {
    answer = (_version, samples) => ({ status: 400, headers: written(samples - 1), body: 'duplicate sample' })
    const account = await push({})
    assert.deepEqual([account.delivered, account.dropped], [1, { rejected: 1 }])
  })

  it('ends its series at shutdown when asked to', async () => {
    answer = (_version, samples) => ({ status: 204, headers: written(samples) })
    await push({ staleMarkers: true })
    assert.equal(received.length, 2)
    const [last, end] = received as [Received, Received]
    assert.deepEqual(end.series.map(named), last.series.map(named))
    assert.ok(end.series.every(({ value }) => Number.isNaN(value)))
    assert.ok(end.series[0]!.timestamp > last.series[0]!.timestamp)
  })
})

describe('prometheus() that pushes', () => {
  it('pulls as well, unless the port is none', () => {
    const kinds = (options: PrometheusOptions) =>
      [prometheus(options).metrics].flat().map((one) => [one?.kind, (one as PushMetrics).name])
    const remoteWriteUrl = 'http://127.0.0.1:9/'
    const both = { remoteWriteUrl, pushgatewayUrl: 'http://127.0.0.1:9/' }
    const pushes = [
      ['push', 'prometheus.pushgateway'],
      ['push', 'prometheus.remote_write'],
    ]
    assert.deepEqual(kinds({}), [['pull', undefined]])
    assert.deepEqual(kinds(both), [['pull', undefined], ...pushes])
    assert.deepEqual(kinds({ ...both, port: 'none' }), pushes)
  })

  it('shows no credentials', () => {
    const { transport } = writeOf({ remoteWriteUrl: 'https://me:secret@mimir/api/v1/push?token=t' })
    assert.equal(transport.destination, 'https://mimir/api/v1/push')
  })

  it('takes snappyjs from a bundle', () => {
    const compress = (bytes: Uint8Array) => bytes
    const { transport } = writeOf({ snappy: { compress }, remoteWriteProtocol: '1.0' })
    const bytes = Uint8Array.of(0x0a, 0)
    const request = (transport as Required<Transport>).toRequest({ bytes, itemCount: 1 }) as HttpRequest
    assert.equal(request.body, bytes)
    assert.throws(
      () => prometheus({ remoteWriteUrl: 'http://x/', snappy: {} as never }),
      (error) => isHashiraError(error) && error.code === 'HASHIRA_OPTION_INVALID',
    )
  })

  it('encodes every golden metric in both versions alike', () => {
    const snapshot = goldenMetrics()
    const strip = (series: ReadSeries[]) => series.map(({ metadata, startTimestamp, ...one }) => one)
    assert.deepEqual(
      strip(encode(snapshot, { remoteWriteProtocol: '2.0' })),
      strip(encode(snapshot, { remoteWriteProtocol: '1.0' })),
    )
  })
})
