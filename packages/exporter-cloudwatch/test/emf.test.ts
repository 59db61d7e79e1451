import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { faultCounts, type MetricFamily } from '@hashira/core'
import { readEmf, statisticsOf } from './emf-rules'
import { at, counter, documentsOf, durations, family, linesOf, red, snapshotOf } from './support'

const RESOURCE = { 'otel.resource.service.version': '1.2.3', 'otel.resource.host.name': 'h1' }
const SERVICE = ['Service', 'Environment']

describe('a document of the Embedded Metric Format', () => {
  it('has the service-level and the route-level set, and every other label as a property', () => {
    const [document, ...others] = documentsOf(
      snapshotOf(red(durations('/users/:id', 200, [2, 0, 0, 0], 0.11))),
    )
    assert.deepEqual(others, [])
    assert.deepEqual(document, {
      _aws: {
        Timestamp: 1_790_000_000_123,
        CloudWatchMetrics: [
          {
            Namespace: 'Hashira',
            Dimensions: [SERVICE, [...SERVICE, 'http.route', 'http.request.method']],
            Metrics: [
              { Name: 'http.server.request.duration', Unit: 'Seconds' },
              { Name: 'http.server.request.error', Unit: 'Count' },
              { Name: 'http.server.request.fault', Unit: 'Count' },
            ],
          },
        ],
        LogGroupName: 'shop-metrics',
      },
      Version: '1',
      Service: 'shop',
      Environment: 'prod',
      'http.route': '/users/:id',
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'url.scheme': 'http',
      ...RESOURCE,
      'http.server.request.duration': {
        Values: [0.055],
        Counts: [2],
        Max: 0.055,
        Min: 0.055,
        Count: 2,
        Sum: 0.11,
      },
      'http.server.request.error': { Values: [0], Counts: [2], Max: 0, Min: 0, Count: 2, Sum: 0 },
      'http.server.request.fault': { Values: [0], Counts: [2], Max: 0, Min: 0, Count: 2, Sum: 0 },
    })
  })

  it('requests without a route count for the service only', () => {
    const [document] = documentsOf(snapshotOf(red(durations(undefined, 404, [1, 0, 0, 0], 0.01))))
    assert.deepEqual(document._aws.CloudWatchMetrics[0].Dimensions, [SERVICE])
    assert.equal(document['http.server.request.error'], 1)
    assert.equal(document['http.server.request.fault'], 0)
  })

  it('CloudWatch sees requests, errors and faults of service and route', () => {
    const lines = linesOf(
      snapshotOf(
        red(
          durations('/a', 200, [7, 0, 0, 0], 0.35),
          durations('/a', 503, [0, 0, 0, 1], 3),
          durations('/b', 200, [0, 1, 1, 0], 0.7),
          durations(undefined, 404, [2, 0, 0, 0], 0.1),
        ),
      ),
    )
    const seen = statisticsOf(lines.flatMap((line) => readEmf(line)))
    const of = (name: string, labels: object = {}) => {
      const { sum, count } = seen.get(
        JSON.stringify([`http.server.request.${name}`, { Service: 'shop', Environment: 'prod', ...labels }]),
      )!
      return [Number(sum.toFixed(9)), count]
    }
    const routeA = { 'http.route': '/a', 'http.request.method': 'GET' }
    const routeB = { 'http.route': '/b', 'http.request.method': 'GET' }
    assert.deepEqual(
      [of('duration'), of('error'), of('fault')],
      [
        [4.15, 12],
        [2, 12],
        [1, 12],
      ],
    )
    assert.deepEqual(
      [of('duration', routeA), of('fault', routeA)],
      [
        [3.35, 8],
        [1, 8],
      ],
    )
    assert.deepEqual(
      [of('duration', routeB), of('fault', routeB)],
      [
        [0.7, 2],
        [0, 2],
      ],
    )
    // 2 levels of 3 metrics, for 2 routes.
    assert.equal(seen.size, 3 * (1 + 2))
  })

  it('an exponential histogram arrives with its count and sum', () => {
    const points = [
      {
        ...at(),
        ...{ count: 6, sum: 21, scale: 1, zeroCount: 1, min: 0, max: 9.5 },
        positive: { offset: 0, bucketCounts: [1, 2, 0, 0, 0, 0, 2] },
        negative: { offset: 0, bucketCounts: [] },
      },
    ]
    const lines = linesOf(
      snapshotOf(family({ name: 'sizes', type: 'exponential_histogram', unit: 'By', points })),
    )
    const [metric] = lines.flatMap((line) => readEmf(line))
    assert.equal(metric!.unit, 'Bytes')
    const [{ sum, count }] = [...statisticsOf([metric!]).values()] as [{ sum: number; count: number }]
    assert.deepEqual([Number(sum.toFixed(9)), count], [21, 6])
    assert.ok(
      metric!.values.every(([value]) => value >= 0 && value <= 9.5),
      JSON.stringify(metric!.values),
    )
  })

  it('a summary is its mean, as often as it was observed', () => {
    const quantiles = [{ quantile: 0.5, value: 3 }]
    const points = [{ ...at(), count: 4, sum: 10, quantiles }]
    const [document] = documentsOf(snapshotOf(family({ name: 'sizes', type: 'summary', points })))
    assert.deepEqual(document['sizes'], { Values: [2.5], Counts: [4], Max: 2.5, Min: 2.5, Count: 4, Sum: 10 })
  })

  it('an up-down counter is added up, a gauge is several values', () => {
    const points = [
      { ...at(['pool', 'a']), value: 3 },
      { ...at(['pool', 'b']), value: 4 },
    ]
    const levels = documentsOf(
      snapshotOf(family({ name: 'open', type: 'updowncounter', unit: '{connection}', points })),
    )
    assert.deepEqual(
      levels.map(({ open, pool }) => [open, pool]),
      [[7, undefined]],
    )
    const gauges = documentsOf(snapshotOf(family({ name: 'age', type: 'gauge', unit: 's', points })))
    assert.deepEqual(
      gauges.map(({ age, pool }) => [age, pool]),
      [
        [3, 'a'],
        [4, 'b'],
      ],
    )
  })

  it('metrics with the same labels share a document', () => {
    const documents = documentsOf(
      snapshotOf(counter('a', 1), counter('b', 2), counter('c', 3, ['queue', 'x'])),
    )
    assert.deepEqual(
      documents.map(({ a, b, c }) => [a, b, c]),
      [
        [1, 2, undefined],
        [undefined, undefined, 3],
      ],
    )
  })

  it('units are CloudWatch’s', () => {
    const unitOf = (given: Partial<MetricFamily>) =>
      documentsOf(snapshotOf({ ...counter('n', 1), ...given } as MetricFamily))[0]._aws.CloudWatchMetrics[0]
        .Metrics[0].Unit
    const units = [
      's',
      'ms',
      'us',
      'ns',
      'By',
      'bit',
      '%',
      '{request}',
      '{request}/s',
      'By/s',
      '1',
      '',
      'Cel',
    ]
    assert.deepEqual(
      units.map((unit) => unitOf({ unit })),
      [
        ...[
          'Seconds',
          'Milliseconds',
          'Microseconds',
          'None',
          'Bytes',
          'Bits',
          'Percent',
          'Count',
          'Count/Second',
        ],
        ...['Bytes/Second', 'Count', 'Count', 'None'],
      ],
    )
    assert.equal(unitOf({ unit: '1', type: 'gauge' }), 'None')
    assert.equal(unitOf({ name: 'job_seconds_total', naming: 'prometheus' }), 'Seconds')
    assert.equal(unitOf({ name: 'heap_bytes', naming: 'prometheus', type: 'gauge' }), 'Bytes')
  })

  it('what Hashira and the runtime count is left out, but for what alarms are made of', () => {
    const names = [
      'hashira.exporter.dropped',
      'hashira.exporter.pending',
      'v8js.gc.duration',
      'nodejs.eventloop.utilization',
    ]
    const [document] = documentsOf(snapshotOf(...names.map((name) => counter(name, 1))))
    assert.deepEqual(
      names.filter((name) => name in document),
      [names[0], names[3]],
    )
  })

  it('dimensions are chosen by metric', () => {
    const dimensions = { 'jobs.*': [[], ['queue'], ['queue', 'host.name'], ['missing']], other: [] }
    const documents = documentsOf(
      snapshotOf(counter('jobs.done', 1, ['queue', 'q', 'id', 7]), counter('other', 1)),
      {
        dimensions,
        namespace: 'Shop/Jobs',
        errorMetrics: false,
      },
    )
    assert.equal(documents.length, 1)
    const [{ Namespace, Dimensions }] = documents[0]._aws.CloudWatchMetrics
    assert.equal(Namespace, 'Shop/Jobs')
    assert.deepEqual(Dimensions, [SERVICE, [...SERVICE, 'queue'], [...SERVICE, 'queue', 'host.name']])
    assert.equal(documents[0]['host.name'], 'h1')
    assert.equal(documents[0].id, 7)
  })

  it('values that CloudWatch can’t take are dropped alone and counted', () => {
    const before = faultCounts().get('cloudwatch_value') ?? 0
    const values = [Number.NaN, Infinity, -Infinity, 1e300, -1e300, 2 ** 360, 5e-324, -2]
    const points = values.map((value, i) => ({ ...at(['i', i]), value }))
    const documents = documentsOf(snapshotOf(family({ name: 'g', type: 'gauge', points })))
    assert.deepEqual(
      documents.map(({ g }) => g),
      [2 ** 360, 0, -2],
    )
    assert.equal(faultCounts().get('cloudwatch_value')! - before, 5)
  })

  it('labels that clash with what a document has get a name of their own', () => {
    const labels = [
      'Service',
      'x',
      '_aws',
      'y',
      'Version',
      'z',
      'n',
      'same',
      'label.n',
      'other',
      '__proto__',
      'p',
    ]
    const lines = linesOf(snapshotOf(counter('n', 5, labels), counter('Service', 6)))
    for (const line of lines) readEmf(line)
    const [first, second] = lines.map((line) => JSON.parse(line))
    assert.equal(first.n, 5)
    assert.equal(first.Service, 'shop')
    assert.equal(first['label.Service'], 'x')
    assert.equal(first['label._aws'], 'y')
    assert.equal(first['label.n'], 'same')
    assert.equal(first['label.label.n'], 'other')
    assert.equal(Object.getOwnPropertyDescriptor(first, '__proto__')!.value, 'p')
    assert.equal(second['metric.Service'], 6)
  })

  it('text beyond ASCII is percent-encoded where CloudWatch takes ASCII only', () => {
    const [line] = linesOf(snapshotOf(red({ ...durations('/café/柱', 200, [1, 0, 0, 0], 0.05) })))
    readEmf(line!)
    assert.equal(JSON.parse(line!)['http.route'], '/caf%C3%A9/%E6%9F%B1')
    const [property] = documentsOf(snapshotOf(counter('n', 1, ['名', '値\ud83c'])))
    assert.equal(property['名'], '値\ufffd')
  })

  it('1-second metrics say so', () => {
    const [document] = documentsOf(snapshotOf(counter('n', 1)), { storageResolution: 1 })
    assert.deepEqual(document._aws.CloudWatchMetrics[0].Metrics, [
      { Name: 'n', Unit: 'Count', StorageResolution: 1 },
    ])
  })
})
