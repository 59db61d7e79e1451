import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { exponentialBound } from '@hashira/core'
import { configureMetrics } from '@hashira/metrics-red'
import type { Attributes, Meter } from '@opentelemetry/api'
import { AggregationType } from '@opentelemetry/sdk-metrics'
import fc from 'fast-check'
import { exponentialIndex } from '../dist/exponential-index.js'
import { type AnyPoint, freshMeter, labels, pointsOf } from './meters'
import { type SdkPoint, sdkMeter } from './sdk-metrics'

// Everything is recorded twice, by ours and by @opentelemetry/sdk-metrics, and the data points are compared.

afterEach(() => configureMetrics())

const key = (attributes: object) =>
  JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)))

const byKey = <T>(points: readonly T[], attributesOf: (point: T) => object, value: (point: T) => unknown) =>
  new Map(
    points
      .map((point) => [key(attributesOf(point)), value(point)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )

async function same(
  record: (meter: Meter) => void,
  ours: (point: AnyPoint) => unknown,
  theirs: (point: SdkPoint) => unknown = ({ value }) => value,
  views: Parameters<typeof sdkMeter>[0] = [],
): Promise<void> {
  const { meter, scope } = freshMeter()
  const sdk = sdkMeter(views)
  record(meter)
  record(sdk.meter)
  assert.deepEqual(
    byKey(await pointsOf(scope, 'm'), (point) => labels(point.attributes), ours),
    byKey(await sdk.points('m'), (point) => point.attributes, theirs),
  )
}

const attributes: fc.Arbitrary<Attributes> = fc.record(
  {
    a: fc.constantFrom('x', 'y', 'x|'),
    b: fc.integer({ min: 0, max: 2 }),
    'c.d': fc.boolean(),
  },
  { requiredKeys: [] },
)
const seed = Date.now() & 0x7fff_ffff
const runs = { numRuns: 40, seed }

describe('as sdk-metrics does', () => {
  test('counters, up-down counters and gauges', async (t) => {
    t.diagnostic(`seed ${seed}`)
    const amounts = fc.array(fc.tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), attributes), {
      maxLength: 50,
    })
    await fc.assert(
      fc.asyncProperty(amounts, fc.constantFrom('Counter', 'UpDownCounter', 'Gauge'), async (given, kind) => {
        await same(
          (meter) => {
            for (const [amount, set] of given) {
              if (kind === 'Counter') meter.createCounter('m').add(Math.abs(amount), set)
              else if (kind === 'UpDownCounter') meter.createUpDownCounter('m').add(amount, set)
              else meter.createGauge('m').record(amount, set)
            }
          },
          ({ value }) => value,
        )
      }),
      runs,
    )
  })

  test('observable instruments', async () => {
    for (const create of [
      'createObservableCounter',
      'createObservableUpDownCounter',
      'createObservableGauge',
    ] as const)
      await same(
        (meter) => {
          const observable = meter[create]('m')
          observable.addCallback((result) => {
            result.observe(1, { k: 'a' })
            result.observe(2, { k: 'a' })
            result.observe(3, { k: 'b' })
          })
          meter.addBatchObservableCallback(
            (result) => result.observe(observable, 4, { k: 'c' }),
            [observable],
          )
        },
        ({ value }) => value,
      )
  })

  test('histograms with explicit buckets', async (t) => {
    t.diagnostic(`seed ${seed}`)
    const values = fc.array(
      fc.tuple(fc.oneof(fc.nat(12_000), fc.double({ min: 0, max: 20_000, noNaN: true })), attributes),
      {
        maxLength: 50,
      },
    )
    const advice = fc.option(
      fc.uniqueArray(fc.integer({ min: -5, max: 100 }), { minLength: 1, maxLength: 8 }),
      { nil: undefined },
    )
    await fc.assert(
      fc.asyncProperty(values, advice, async (given, bounds) => {
        const options = bounds && { advice: { explicitBucketBoundaries: bounds.toSorted((a, b) => a - b) } }
        await same(
          (meter) => {
            for (const [value, set] of given) meter.createHistogram('m', options).record(value, set)
          },
          ({ bounds: boundaries, bucketCounts, count, sum, min, max }) => ({
            buckets: { boundaries: [...boundaries], counts: Array.from(bucketCounts) },
            ...{ count, sum, min, max },
          }),
        )
      }),
      runs,
    )
  })
})

describe('exponential histograms as sdk-metrics has them', () => {
  const exponential = (maxSize: number) => {
    configureMetrics({
      views: [{ instrumentName: 'm', aggregation: 'base2_exponential_bucket_histogram', maxSize }],
    })
    return [
      {
        instrumentName: 'm',
        aggregation: {
          type: AggregationType.EXPONENTIAL_HISTOGRAM,
          options: { maxSize, recordMinMax: true },
        },
      } as const,
    ]
  }
  const compare = (values: readonly (readonly [number, Attributes?])[], maxSize: number) =>
    same(
      (meter) => {
        for (const [value, set] of values) meter.createHistogram('m').record(value, set)
      },
      ({ scale, positive, zeroCount, count, sum, min, max }) => ({
        positive: trimmed(positive),
        ...{ scale, zeroCount, count, sum, min, max },
      }),
      ({ value: { positive, scale, zeroCount, count, sum, min, max } }) => ({
        positive: trimmed(positive),
        ...{ scale, zeroCount, count, sum, min, max },
      }),
      exponential(maxSize),
    )

  for (const maxSize of [2, 4, 20, 160]) {
    test(`with at most ${maxSize} buckets, at whatever scale that takes`, async (t) => {
      t.diagnostic(`seed ${seed}`)
      const value = fc.oneof(
        fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
        fc.double({ min: 0.9, max: 1.1, noNaN: true }),
        fc.integer({ min: -30, max: 30 }).map((power) => 2 ** power),
        fc.constantFrom(0, 1),
      )
      const values = fc.array(fc.tuple(value, attributes), { maxLength: 80 })
      await fc.assert(
        fc.asyncProperty(values, (given) => compare(given, maxSize)),
        { ...runs, numRuns: 60 },
      )
    })
  }

  test('at every scale from 20 down to -10', async () => {
    const seen = new Set<number>()
    for (let width = 0; width <= 1_000; width = Math.max(1, width * 2)) {
      const low = 2 ** (-width / 2)
      const high = low * (width === 0 ? 1 : 2 ** width)
      await compare([[low], [high], [low * 1.5]], 2)
      await compare([[low], [high], [1 + width / 1e6]], 160)
    }
    for (let scale = 20; scale >= -10; scale--) {
      // Two values that are just too far apart for a finer scale of at most 2 buckets.
      const { meter, scope } = freshMeter()
      exponential(2)
      const histogram = meter.createHistogram('m')
      histogram.record(1.0000001)
      histogram.record(exponentialBound(1, scale) * 1.0000001)
      seen.add((await pointsOf(scope, 'm'))[0]!.scale)
      if (scale > -10) await compare([[1.0000001], [exponentialBound(1, scale) * 1.0000001]], 2)
    }
    assert.ok(seen.size > 25, [...seen].join())
  })

  test('with the smallest and greatest doubles', async () => {
    await compare([[Number.MAX_VALUE], [1]], 160)
    await compare([[2 ** -1022], [Number.MAX_VALUE]], 2)
    await compare([[2 ** -1022], [2 ** -1021]], 160)
  })
})

test('exponentialIndex is the bucket that its value lies in, at every scale', (t) => {
  t.diagnostic(`seed ${seed}`)
  const value = fc.oneof(
    fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true }),
    fc.double({ min: 0.5, max: 4, noNaN: true }),
    fc.integer({ min: -1_074, max: 1_023 }).map((power) => 2 ** power),
  )
  fc.assert(
    fc.property(value, fc.integer({ min: -10, max: 20 }), (given, scale) => {
      const index = exponentialIndex(given, scale)
      const [low, high] = [exponentialBound(index, scale), exponentialBound(index + 1, scale)]
      // A bound is known to 2^-52; subnormals are coarser than that.
      const slack = given < 2 ** -1022 ? 2 ** -1074 : given * 2 ** -51
      assert.ok(low - slack <= given && given <= high + slack, `${low} < ${given} <= ${high}`)
    }),
    { numRuns: 5_000, seed },
  )
  for (let scale = -10; scale <= 20; scale++) {
    for (const power of [-1_074, -1_022, -7, 0, 1, 9, 1_023]) {
      const index = exponentialIndex(2 ** power, scale)
      assert.equal(
        index,
        scale > 0 ? power * 2 ** scale - 1 : Math.ceil(power / 2 ** -scale) - 1,
        `2^${power} at ${scale}`,
      )
    }
  }
})

function trimmed({ offset, bucketCounts }: { offset: number; bucketCounts: ArrayLike<number> }): object {
  const counts = Array.from(bucketCounts)
  const first = counts.findIndex((count) => count > 0)
  if (first < 0) return { offset: 0, counts: [] }
  const last = counts.findLastIndex((count) => count > 0)
  return { offset: offset + first, counts: counts.slice(first, last + 1) }
}
