import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { faultCounts, type MetricFamily, type MetricSnapshot } from '@hashira/core'
import { encodeMetrics, type OtlpProtocol } from '@hashira/exporter-otlp'
import { decodeMetrics, type Message, parseJson } from './otlp-schema'
import { attributes, resource } from './records'

const timeUnixMs = 1_795_411_060_000
const startTimeUnixMs = 1_795_411_000_000.5
const start = '1795411000000500000'
const time = '1795411060000000000'
const exemplar = {
  value: 0.02,
  timeUnixMs,
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  attributes: ['user', 'u1'],
}
const decodedExemplar = {
  timeUnixNano: time,
  asDouble: 0.02,
  spanId: 'b7ad6b7169203331',
  traceId: '0af7651916cd43dd8448eb211c80319c',
  filteredAttributes: [{ key: 'user', value: { stringValue: 'u1' } }],
}

function family(type: MetricFamily['type'], points: object[], given: object = {}): MetricFamily {
  const named = { name: `test.${type}`, naming: 'opentelemetry', description: 'What it is', unit: 's' }
  return { ...named, type, points, ...given } as MetricFamily
}

const families = [
  family('counter', [{ attributes: ['route', '/a'], startTimeUnixMs, value: 3, exemplar }]),
  family('updowncounter', [{ attributes: [], startTimeUnixMs, value: -2 }]),
  family('gauge', [{ attributes: ['n', 1], startTimeUnixMs, value: Number.NaN }]),
  family('unknown', [{ attributes: [], startTimeUnixMs, value: 0 }], { name: 'jobs_done', unit: '' }),
  family('histogram', [
    {
      attributes: ['http.request.method', 'GET', 'http.response.status_code', 200],
      startTimeUnixMs,
      count: 3,
      sum: 0.5,
      bounds: [0.1, 1],
      bucketCounts: Float64Array.of(2, 1, 0),
      min: 0,
      max: 0.4,
      exemplars: [exemplar, undefined, undefined],
    },
  ]),
  family('exponential_histogram', [
    {
      attributes: ['queue', 'mails'],
      startTimeUnixMs,
      count: 700,
      sum: -2.5,
      scale: -1,
      zeroCount: 2,
      zeroThreshold: 0.001,
      positive: { offset: -3, bucketCounts: [300, 0, 2 ** 40] },
      negative: { offset: 1_000_000, bucketCounts: Float64Array.of(1) },
      min: -7,
      max: 0,
      exemplars: [exemplar],
    },
    {
      attributes: [],
      startTimeUnixMs,
      count: 0,
      sum: 0,
      scale: 20,
      zeroCount: 0,
      positive: { offset: 0, bucketCounts: [] },
      negative: { offset: 0, bucketCounts: [] },
    },
  ]),
  family('summary', [
    { attributes: [], startTimeUnixMs, count: 2, sum: 0, quantiles: [{ quantile: 0.5, value: 1.5 }] },
  ]),
]

const snapshot = (list: readonly MetricFamily[]): MetricSnapshot => ({
  families: list,
  failures: [],
  timeUnixMs,
})

const formats: [OtlpProtocol, (bytes: Uint8Array) => Message][] = [
  ['http/protobuf', decodeMetrics],
  ['http/json', parseJson],
]

for (const [protocol, decode] of formats) {
  const metricsOf = (bytes: Uint8Array): Message[] => decode(bytes).resourceMetrics[0].scopeMetrics[0].metrics
  const encode = (list: readonly MetricFamily[], temporality: 'cumulative' | 'delta' = 'cumulative') =>
    encodeMetrics(snapshot(list), resource, temporality, protocol)

  describe(`metrics as OTLP ${protocol}`, () => {
    it('has every field of every type', () => {
      const [batch, ...more] = encode(families)
      assert.deepEqual(more, [])
      assert.equal(batch?.itemCount, families.length + 1)
      const request = decode(batch?.bytes as Uint8Array)
      assert.equal(request.resourceMetrics[0].resource.attributes.length, 3)
      assert.equal(request.resourceMetrics[0].scopeMetrics[0].scope.name, 'hashira')
      const named = (type: string) => ({ name: `test.${type}`, description: 'What it is', unit: 's' })
      const times = { startTimeUnixNano: start, timeUnixNano: time }
      const expected = [
        {
          ...named('counter'),
          sum: {
            dataPoints: [
              {
                ...times,
                asDouble: 3,
                exemplars: [decodedExemplar],
                attributes: [{ key: 'route', value: { stringValue: '/a' } }],
              },
            ],
            aggregationTemporality: 2,
            isMonotonic: true,
          },
        },
        {
          ...named('updowncounter'),
          sum: { dataPoints: [{ ...times, asDouble: -2 }], aggregationTemporality: 2 },
        },
        {
          ...named('gauge'),
          gauge: {
            dataPoints: [
              { ...times, asDouble: Number.NaN, attributes: [{ key: 'n', value: { intValue: '1' } }] },
            ],
          },
        },
        {
          name: 'jobs_done',
          description: 'What it is',
          gauge: { dataPoints: [{ ...times, asDouble: 0 }] },
        },
        {
          ...named('histogram'),
          histogram: {
            dataPoints: [
              {
                ...times,
                count: '3',
                sum: 0.5,
                bucketCounts: ['2', '1', '0'],
                min: 0,
                max: 0.4,
                explicitBounds: [0.1, 1],
                exemplars: [decodedExemplar],
                attributes: [
                  { key: 'http.request.method', value: { stringValue: 'GET' } },
                  { key: 'http.response.status_code', value: { intValue: '200' } },
                ],
              },
            ],
            aggregationTemporality: 2,
          },
        },
        {
          ...named('exponential_histogram'),
          exponentialHistogram: {
            dataPoints: [
              {
                ...times,
                count: '700',
                sum: -2.5,
                scale: -1,
                zeroCount: '2',
                zeroThreshold: 0.001,
                positive: { offset: -3, bucketCounts: ['300', '0', String(2 ** 40)] },
                negative: { offset: 1_000_000, bucketCounts: ['1'] },
                min: -7,
                max: 0,
                exemplars: [decodedExemplar],
                attributes: [{ key: 'queue', value: { stringValue: 'mails' } }],
              },
              { ...times, count: '0', sum: 0, scale: 20, zeroCount: '0' },
            ],
            aggregationTemporality: 2,
          },
        },
        {
          ...named('summary'),
          summary: {
            dataPoints: [{ ...times, count: '2', sum: 0, quantileValues: [{ quantile: 0.5, value: 1.5 }] }],
          },
        },
      ]
      assert.deepEqual(withoutFalse(metricsOf(batch?.bytes as Uint8Array)), expected)
    })

    it('says delta for what delta is about', () => {
      const [batch] = encode(families, 'delta')
      const temporalities = metricsOf(batch?.bytes as Uint8Array).map(
        (metric) => (metric.sum ?? metric.histogram ?? metric.exponentialHistogram)?.aggregationTemporality,
      )
      assert.deepEqual(temporalities, [1, 2, undefined, undefined, 1, 1, undefined])
    })

    it('splits what is large, within a metric too', () => {
      const points = (count: number) =>
        Array.from({ length: count }, (_, i) => ({
          attributes: ['series', `${i} ${'x'.repeat(500)}`],
          startTimeUnixMs,
          value: i,
        }))
      const batches = encode([family('counter', points(7_000)), family('gauge', points(10))])
      assert.ok(batches.length >= 4)
      for (const { bytes } of batches) assert.ok(bytes.length < 1.2 * 1024 * 1024, `${bytes.length} bytes`)
      const values: Record<string, number[]> = { sum: [], gauge: [] }
      for (const { bytes, itemCount } of batches) {
        let count = 0
        for (const metric of metricsOf(bytes)) {
          const kind = metric.sum === undefined ? 'gauge' : 'sum'
          for (const point of metric[kind].dataPoints) values[kind]?.push(point.asDouble)
          count += metric[kind].dataPoints.length
        }
        assert.equal(itemCount, count)
      }
      const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)
      assert.deepEqual(values, { sum: upTo(7_000), gauge: upTo(10) })
    })

    it('leaves out a family that can not be encoded, and only that', () => {
      const before = faultCounts().get('otlp_metric') ?? 0
      const bad = family('counter', [
        { attributes: [], startTimeUnixMs, value: 1 },
        { attributes: ['bad', Object.create(null)], startTimeUnixMs, value: 1 },
      ])
      const [batch] = encode([families[0] as MetricFamily, bad, families[1] as MetricFamily])
      assert.equal(batch?.itemCount, 2)
      assert.deepEqual(
        metricsOf(batch?.bytes as Uint8Array).map(({ name }) => name),
        ['test.counter', 'test.updowncounter'],
      )
      assert.equal(faultCounts().get('otlp_metric'), before + 1)
    })

    it('sends the metrics of each scope under it, in as few requests as can be', () => {
      const point = (value: number) => [{ attributes: [], startTimeUnixMs, value }]
      const scope = (name: string, version?: string) => ({ name, version, schemaUrl: undefined })
      const batches = encode([
        family('counter', point(1), { scope: scope('shop', '1.2.3') }),
        family('gauge', point(2)),
        family('gauge', [], { scope: scope('empty') }),
        family('counter', point(3), { scope: scope('shop', '2') }),
        family('gauge', point(4), { scope: scope('shop', '1.2.3') }),
      ])
      assert.equal(batches.length, 1)
      const groups: Message[] = decode(batches[0]?.bytes as Uint8Array).resourceMetrics[0].scopeMetrics
      assert.deepEqual(
        groups.map((group) => [
          group.scope.name,
          group.scope.version,
          group.metrics.map((metric: Message) => (metric.sum ?? metric.gauge).dataPoints[0].asDouble),
        ]),
        [
          ['shop', '1.2.3', [1, 4]],
          ['hashira', groups[1].scope.version, [2]],
          ['shop', '2', [3]],
        ],
      )
    })

    it('repeats the scope in every request that it is split into', () => {
      const points = Array.from({ length: 4_000 }, (_, i) => ({
        attributes: ['series', `${i} ${'x'.repeat(500)}`],
        startTimeUnixMs,
        value: i,
      }))
      const scope = { name: 'shop', version: undefined, schemaUrl: 'https://example.test/1' }
      const batches = encode([family('counter', points, { scope })])
      assert.ok(batches.length > 1)
      for (const { bytes } of batches) {
        const groups: Message[] = decode(bytes).resourceMetrics[0].scopeMetrics
        assert.deepEqual(
          groups.map((group) => [group.scope.name, group.schemaUrl]),
          [['shop', scope.schemaUrl]],
        )
      }
    })

    it('makes no request of nothing', () => {
      assert.deepEqual(encode([]), [])
      assert.deepEqual(encode([family('counter', [])]), [])
    })
  })
}

it('has a resource without attributes', () => {
  const [batch] = encodeMetrics(snapshot(families), { attributes: attributes() })
  assert.deepEqual(decodeMetrics(batch?.bytes as Uint8Array).resourceMetrics[0].resource, {})
})

function withoutFalse(metrics: Message[]): Message[] {
  return metrics.map((metric) => {
    if (metric.sum?.isMonotonic === false) delete metric.sum.isMonotonic
    return metric
  })
}
