import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type FlatAttributes, faultCounts } from '@hashira/core'
import { readDatum, readEmf, statisticsOf } from './emf-rules'
import {
  at,
  counter,
  credentials,
  dataOf,
  family,
  type Json,
  linesOf,
  pushOf,
  requestsOf,
  resource,
  snapshotOf,
} from './support'

const totals = (metrics: ReturnType<typeof readEmf>) =>
  [...statisticsOf(metrics).values()].map(({ sum, count }) => [Number(sum.toFixed(6)), count])

function manyBuckets(buckets: number, labels: FlatAttributes = []) {
  const bounds = Array.from({ length: buckets }, (_, i) => i + 1)
  const bucketCounts = Array.from({ length: buckets + 1 }, () => 2)
  const point = {
    ...at(labels),
    bounds,
    bucketCounts,
    count: 2 * (buckets + 1),
    sum: buckets * (buckets + 1),
  }
  return family({ name: 'sizes', type: 'histogram', points: [point] })
}

describe('limits of the Embedded Metric Format', () => {
  it('100 metrics a document', () => {
    const lines = linesOf(snapshotOf(...Array.from({ length: 250 }, (_, i) => counter(`m${i}`, i + 1))))
    const counts = lines.map((line) => readEmf(line).length)
    assert.deepEqual(counts, [100, 100, 50])
  })

  it('100 values a metric: the others are in further documents', () => {
    const lines = linesOf(snapshotOf(manyBuckets(249)))
    const metrics = lines.map((line) => readEmf(line)[0]!)
    assert.deepEqual(
      metrics.map(({ values }) => values.length),
      [100, 100, 50],
    )
    assert.deepEqual(totals(metrics), [[249 * 250, 500]])
  })

  it('an exponential histogram of 160 buckets is one document', () => {
    const bucketCounts = Array.from({ length: 160 }, () => 1)
    const sides = { positive: { offset: -80, bucketCounts }, negative: { offset: -80, bucketCounts } }
    const point = { ...at(), count: 321, sum: 0, scale: 3, zeroCount: 1, ...sides }
    const lines = linesOf(snapshotOf(family({ name: 'e', type: 'exponential_histogram', points: [point] })))
    const [metric, ...others] = lines.flatMap((line) => readEmf(line))
    assert.deepEqual(others, [])
    assert.equal(totals([metric!])[0]![1], 321)
  })

  it('256 KiB a document: properties are cut, then left out and counted', () => {
    const labels: FlatAttributes = Array.from({ length: 400 }, (_, i) => [`k${i}`, '柱'.repeat(2_000)]).flat()
    const before = faultCounts().get('cloudwatch_property') ?? 0
    const [line, ...others] = linesOf(snapshotOf(counter('n', 1, labels)))
    assert.deepEqual(others, [])
    assert.deepEqual(
      readEmf(line!).map(({ values }) => values),
      [[[1, 1]]],
    )
    assert.equal(JSON.parse(line!)['k0'].length, 1_024)
    assert.ok(faultCounts().get('cloudwatch_property')! > before)
  })

  it('a datagram holds a document', () => {
    const labels: FlatAttributes = Array.from({ length: 200 }, (_, i) => [`k${i}`, 'x'.repeat(900)]).flat()
    const histograms = Array.from({ length: 90 }, (_, i) => ({ ...manyBuckets(99, labels), name: `h${i}` }))
    const families = [counter('n', 1, labels), ...histograms]
    const agentEndpoint = 'udp://127.0.0.1:25888'
    const lines = linesOf(snapshotOf(...families), { agentEndpoint })
    const metrics = lines.flatMap((line) => readEmf(line, 65_506))
    assert.equal(metrics.length, 91)
    assert.ok(lines.length > 1)
  })

  it('a line on stdout is one that no container runtime cuts', () => {
    const labels: FlatAttributes = Array.from({ length: 30 }, (_, i) => [`k${i}`, 'x'.repeat(900)]).flat()
    const families = Array.from({ length: 90 }, (_, i) => ({ ...manyBuckets(99, labels), name: `h${i}` }))
    const lines = linesOf(snapshotOf(...families), { via: 'stdout' })
    assert.equal(lines.flatMap((line) => readEmf(line, 16 * 1024 - 1)).length, 90)
  })

  it('names are 255 characters long at most', () => {
    const [metric] = linesOf(snapshotOf(counter('é'.repeat(300), 1))).flatMap((line) => readEmf(line))
    assert.equal(metric!.name.length, 255)
  })

  it('PutLogEvents: 1 MiB with 26 bytes an event, and 10,000 events', () => {
    const push = pushOf({
      via: 'logs',
      region: 'eu-west-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    })
    const points = Array.from({ length: 12_000 }, (_, i) => ({ ...at(['i', i]), value: 1 }))
    const snapshot = snapshotOf(family({ name: 'g', type: 'gauge', points }))
    const batches = [...push.encode(snapshot, resource)].filter((batch) => batch !== undefined)
    let events = 0
    for (const { bytes, itemCount } of batches) {
      const { logGroupName, logStreamName, logEvents } = JSON.parse(Buffer.from(bytes).toString()) as Json
      assert.deepEqual([logGroupName, logStreamName], ['shop-metrics', 'h1'])
      assert.ok(logEvents.length <= 10_000)
      const counted = logEvents.reduce(
        (sum: number, { message }: Json) => sum + Buffer.byteLength(message) + 26,
        0,
      )
      assert.ok(counted <= 1_048_576, String(counted))
      assert.ok(logEvents.every(({ timestamp }: Json) => timestamp === 1_790_000_000_123))
      assert.equal(itemCount, logEvents.flatMap(({ message }: Json) => readEmf(message)).length)
      events += logEvents.length
    }
    assert.equal(events, 12_000)
  })
})

describe('a snapshot of thousands of series', () => {
  for (const options of [
    { via: 'agent' },
    { via: 'putMetricData', dimensions: { n: [['i']] }, region: 'eu-west-1', credentials },
  ] as const) {
    it(`is encoded bit by bit (${options.via})`, () => {
      const points = Array.from({ length: 20_000 }, (_, i) => ({ ...at(['i', i]), value: 1 }))
      let read = 0
      const watched = points.map((point) => ({
        ...point,
        get value() {
          read++
          return 1
        },
      }))
      const snapshot = snapshotOf(family({ name: 'n', type: 'counter', points: watched }))
      const [...steps] = pushOf(options).encode(snapshot, resource)
      assert.ok(steps.length > 10, `${steps.length} steps`)
      read = 0
      pushOf(options).encode(snapshot, resource)[Symbol.iterator]().next()
      assert.ok(read < 10_000, `${read} series were read in the first step`)
    })
  }
})

describe('limits of PutMetricData', () => {
  it('150 values a datum', () => {
    const data = dataOf(snapshotOf(manyBuckets(310)))
    assert.deepEqual(
      data.map(({ Values }) => Values.length),
      [150, 150, 11],
    )
    assert.deepEqual(totals(data.map(readDatum)), [[310 * 311, 622]])
  })

  it('1,000 metrics and 1 MB a request', () => {
    const routes = Array.from({ length: 1_500 }, (_, i) => ({
      ...at(['route', `/${i}/${'x'.repeat(900)}`]),
      value: 1,
    }))
    const few = snapshotOf(...Array.from({ length: 2_100 }, (_, i) => counter(`m${i}`, 1)))
    assert.deepEqual(
      requestsOf(few).map(({ MetricData }) => MetricData.length),
      [1_000, 1_000, 100],
    )
    const large = requestsOf(snapshotOf(family({ name: 'n', type: 'counter', points: routes })), {
      dimensions: { n: [['route']] },
    })
    assert.ok(large.length > 1)
    assert.equal(large.flatMap(({ MetricData }) => MetricData).length, 1_500)
    for (const request of large) assert.ok(Buffer.byteLength(JSON.stringify(request)) <= 1_000_000)
  })

  it('series that are the same metric are added up', () => {
    const points = ['a', 'b', 'a'].map((queue, i) => ({ ...at(['queue', queue, 'worker', i]), value: i + 1 }))
    const data = dataOf(snapshotOf(family({ name: 'done', type: 'counter', points })), {
      dimensions: { done: [[], ['queue']] },
    })
    const seen = data.map(({ Value, Dimensions }) => [
      Value,
      Dimensions.slice(2).map(({ Value: text }: Json) => text),
    ])
    assert.deepEqual(seen, [
      [6, []],
      [4, ['a']],
      [2, ['b']],
    ])
  })
})
