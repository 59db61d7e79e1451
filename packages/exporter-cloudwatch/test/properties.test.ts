// No input makes the encoders throw, everything they make is what CloudWatch takes, and counts and sums survive.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AttributeValue, FlatAttributes, MetricFamily } from '@hashira/core'
import fc from 'fast-check'
import { bucketValues } from '../dist/metric/bucket-values.js'
import { readDatum, readEmf, statisticsOf } from './emf-rules'
import { at, dataOf, linesOf, snapshotOf } from './support'

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    ' ',
    '\ud800',
    '\n',
    '__proto__',
    '_aws',
    'Service',
    'Version',
    'name',
    ':x',
    'queue',
    '"\\',
  ),
  fc.string({ minLength: 900, maxLength: 1_500 }),
)
const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(Number.MAX_VALUE, 5e-324, -0))
const value = fc.oneof(
  text,
  number,
  fc.boolean(),
  fc.array(text, { maxLength: 3 }),
  fc.array(number, { maxLength: 3 }),
)
const attributes = fc
  .uniqueArray(fc.tuple(text, value), { selector: ([key]) => key, maxLength: 8 })
  .map((pairs): FlatAttributes => pairs.flat() as AttributeValue[])

const count = fc.nat(1_000)
const histogramPoint = fc
  .record({
    attributes,
    bounds: fc
      .uniqueArray(fc.double({ noNaN: true }), { maxLength: 130 })
      .map((all) => all.sort((a, b) => a - b)),
    counts: fc.array(count, { minLength: 131, maxLength: 131 }),
    sum: number,
    min: fc.option(number, { nil: undefined }),
    max: fc.option(number, { nil: undefined }),
  })
  .map(({ attributes, bounds, counts, sum, min, max }) => {
    const bucketCounts = counts.slice(0, bounds.length + 1)
    return {
      ...at(attributes),
      bounds,
      bucketCounts,
      sum,
      min,
      max,
      count: bucketCounts.reduce((a, b) => a + b, 0),
    }
  })
const buckets = fc.record({
  offset: fc.integer({ min: -200, max: 200 }),
  bucketCounts: fc.array(count, { maxLength: 160 }),
})
const exponentialPoint = fc
  .record({
    attributes,
    scale: fc.integer({ min: -10, max: 20 }),
    zeroCount: count,
    positive: buckets,
    negative: buckets,
    sum: number,
  })
  .map(({ attributes, ...point }) => ({ ...at(attributes), count: 1, ...point }))
const numberPoint = fc.record({ attributes, value: number }).map((point) => ({ ...at(), ...point }))
const summaryPoint = fc
  .record({ attributes, count, sum: number })
  .map((point) => ({ ...at(), ...point, quantiles: [{ quantile: 0.5, value: Number.NaN }] }))

function families(type: MetricFamily['type'], point: fc.Arbitrary<unknown>): fc.Arbitrary<MetricFamily> {
  const unit = fc.constantFrom('s', 'By', '1', '', '{x}', 'constructor', '%')
  const name = fc.oneof(
    text,
    fc.constantFrom('name', 'http.server.request.duration', 'http.client.request.duration'),
  )
  const naming = fc.constantFrom('opentelemetry', 'prometheus')
  return fc
    .record({ name, naming, unit, points: fc.array(point, { maxLength: 6 }) })
    .map((given) => ({ description: '', type, ...given }) as MetricFamily)
}

const anyFamily = fc.oneof(
  ...(['counter', 'updowncounter', 'gauge', 'unknown'] as const).map((type) => families(type, numberPoint)),
  families('histogram', histogramPoint),
  families('exponential_histogram', exponentialPoint),
  families('summary', summaryPoint),
)

/** fast-check says the seed of what fails. */
const check = <T>(property: fc.IRawProperty<T>) => fc.assert(property, { numRuns: 300 })

describe('any snapshot', () => {
  it('becomes documents that CloudWatch takes', () => {
    check(
      fc.property(fc.array(anyFamily, { maxLength: 5 }), fc.boolean(), (all, udp) => {
        const agentEndpoint = udp ? 'udp://127.0.0.1:1' : 'tcp://127.0.0.1:1'
        const dimensions = { '*': [[], ['queue'], ['name', 'queue']] }
        for (const line of linesOf(snapshotOf(...all), { agentEndpoint, dimensions }))
          readEmf(line, udp ? 65_506 : undefined)
      }),
    )
  })

  it('becomes MetricDatum that CloudWatch takes', () => {
    check(
      fc.property(fc.array(anyFamily, { maxLength: 5 }), (all) => {
        dataOf(snapshotOf(...all), { dimensions: { '*': [[], ['queue']] } }).forEach(readDatum)
      }),
    )
  })

  it('no malformed family makes them throw, or takes others along', () => {
    check(
      fc.property(fc.anything(), fc.anything(), (points, name) => {
        const broken = {
          name,
          type: 'histogram',
          naming: 'opentelemetry',
          unit: 's',
          points,
        } as unknown as MetricFamily
        const whole = {
          ...broken,
          name: 'ok',
          type: 'gauge',
          points: [{ ...at(), value: 1 }],
        } as MetricFamily
        const lines = linesOf(snapshotOf(broken, whole))
        assert.ok(lines.some((line) => JSON.parse(line)['ok'] === 1))
        assert.ok(dataOf(snapshotOf(broken, whole)).some(({ MetricName }) => MetricName === 'ok'))
      }),
    )
  })
})

const series = fc.uniqueArray(
  fc.record({
    route: fc.constantFrom('/a', '/b', '/c'),
    status: fc.constantFrom(200, 404, 500, 503),
    bucketCounts: fc.array(count, { minLength: 5, maxLength: 5 }),
  }),
  { selector: ({ route, status }) => `${route} ${status}`, minLength: 1, maxLength: 12 },
)
const BOUNDS = [0.01, 0.1, 1, 10]
/** What the requests of each bucket took. */
const TOOK = [0.004, 0.09, 0.11, 9.5, 31]

describe('decoded again', () => {
  it('requests, seconds, errors and faults of service and route are those that were recorded, both ways', () => {
    check(
      fc.property(series, (all) => {
        const points = all.map(({ route, status, bucketCounts }) => ({
          ...at(['http.request.method', 'GET', 'http.route', route, 'http.response.status_code', status]),
          ...{ bounds: BOUNDS, bucketCounts, count: bucketCounts.reduce((a, b) => a + b, 0) },
          sum: bucketCounts.reduce((sum, times, i) => sum + times * TOOK[i]!, 0),
        }))
        const name = 'http.server.request.duration'
        const snapshot = snapshotOf({
          name,
          naming: 'opentelemetry',
          description: '',
          unit: 's',
          type: 'histogram',
          points,
        })
        const expected = new Map<string, { sum: number; count: number }>()
        for (const { route, status, ...point } of all.map((one, i) => ({ ...one, ...points[i]! }))) {
          const failed = {
            duration: point.sum,
            error: status < 500 && status >= 400 ? point.count : 0,
            fault: status >= 500 ? point.count : 0,
          }
          for (const labels of [{}, { 'http.route': route, 'http.request.method': 'GET' }]) {
            for (const [metric, sum] of Object.entries(failed)) {
              const key = JSON.stringify([
                `http.server.request.${metric}`,
                { Service: 'shop', Environment: 'prod', ...labels },
              ])
              const before = expected.get(key) ?? { sum: 0, count: 0 }
              if (point.count > 0)
                expected.set(key, { sum: before.sum + sum, count: before.count + point.count })
            }
          }
        }
        const ways = [linesOf(snapshot).flatMap((line) => readEmf(line)), dataOf(snapshot).map(readDatum)]
        for (const seen of ways.map(statisticsOf)) {
          assert.deepEqual([...seen.keys()].sort(), [...expected.keys()].sort())
          for (const [key, { sum, count: times }] of expected) {
            assert.equal(seen.get(key)!.count, times)
            assert.ok(
              Math.abs(seen.get(key)!.sum - sum) <= 1e-8 * Math.max(1, sum),
              `${seen.get(key)!.sum}, not ${sum}`,
            )
          }
        }
      }),
    )
  })

  it('each value is in its bucket, and they add up to the sum', () => {
    const observed = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 50 })
    const bounds = fc
      .uniqueArray(fc.integer({ min: -15, max: 15 }), { maxLength: 8 })
      .map((all) => all.sort((a, b) => a - b))
    check(
      fc.property(observed, bounds, fc.boolean(), (values, edges, extremes) => {
        const bucketCounts = new Array<number>(edges.length + 1).fill(0)
        for (const one of values) bucketCounts[edges.filter((edge) => one > edge).length]!++
        const sum = values.reduce((a, b) => a + b, 0)
        const known = extremes ? { min: Math.min(...values), max: Math.max(...values) } : {}
        const decoded = bucketValues({ bounds: edges, bucketCounts, sum, ...known })
        const filled = [...bucketCounts.keys()].filter((i) => bucketCounts[i]! > 0)
        assert.deepEqual(
          decoded.counts,
          filled.map((i) => bucketCounts[i]),
        )
        const total = decoded.values.reduce((all, one, i) => all + one * decoded.counts[i]!, 0)
        assert.ok(Math.abs(total - sum) < 1e-8, `${total}, not ${sum}`)
        filled.forEach((bucket, i) => {
          const one = decoded.values[i]!
          assert.ok(one <= (edges[bucket] ?? Infinity) + 1e-9, `${one} is above bucket ${bucket}`)
          assert.ok(one >= (edges[bucket - 1] ?? -Infinity) - 1e-9, `${one} is below bucket ${bucket}`)
          if (extremes) assert.ok(one >= known.min! - 1e-9 && one <= known.max! + 1e-9)
        })
      }),
    )
  })
})
