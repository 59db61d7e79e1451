import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  downscaleBuckets,
  type ExponentialHistogramFamily,
  type ExponentialHistogramPoint,
  explicitHistogram,
  exponentialBound,
  type HistogramPoint,
  withExplicitBuckets,
} from '@hashira/core'
import fc from 'fast-check'

const EMPTY = { offset: 0, bucketCounts: [] }

function pointOf(given: Partial<ExponentialHistogramPoint>): ExponentialHistogramPoint {
  return {
    attributes: [],
    startTimeUnixMs: 0,
    count: 0,
    sum: 0,
    scale: 0,
    zeroCount: 0,
    positive: EMPTY,
    negative: EMPTY,
    ...given,
  }
}

function familyOf(...points: ExponentialHistogramPoint[]): ExponentialHistogramFamily {
  return {
    name: 'took',
    naming: 'opentelemetry',
    description: '',
    unit: 's',
    type: 'exponential_histogram',
    points,
  }
}

const sum = (counts: ArrayLike<number>) => Array.from(counts).reduce((a, b) => a + b, 0)

describe('exponentialBound', () => {
  test('is exact for whole powers of two at every scale', () => {
    for (let scale = -10; scale <= 20; scale++) {
      for (const power of [-1022, -30, -1, 0, 1, 10, 1023]) {
        const index = power * 2 ** scale
        if (Number.isInteger(index)) assert.equal(exponentialBound(index, scale), 2 ** power)
      }
    }
  })

  test('knows the fractions, the subnormals and the ends', () => {
    assert.equal(exponentialBound(1, 1), Math.SQRT2)
    assert.equal(exponentialBound(-1, 1), Math.SQRT1_2)
    assert.equal(exponentialBound(-1074, 0), Number.MIN_VALUE)
    assert.ok(Math.abs(exponentialBound(-2147, 1) / Number.MIN_VALUE - Math.SQRT2) < 0.5)
    assert.equal(exponentialBound(1024, 0), Number.POSITIVE_INFINITY)
    assert.equal(exponentialBound(-2000, 0), 0)
  })
})

test('downscaleBuckets merges neighbours around zero as floor does, and trims what is empty', () => {
  const buckets = { offset: -3, bucketCounts: [0, 1, 2, 4, 8, 0] }
  assert.deepEqual(downscaleBuckets(buckets, 0), { offset: -2, bucketCounts: [1, 2, 4, 8] })
  assert.deepEqual(downscaleBuckets(buckets, 1), { offset: -1, bucketCounts: [3, 12] })
  assert.deepEqual(downscaleBuckets(buckets, 10), { offset: -1, bucketCounts: [3, 12] })
  assert.deepEqual(downscaleBuckets({ offset: 7, bucketCounts: [0, 0] }, 1), { offset: 0, bucketCounts: [] })
})

describe('explicitHistogram', () => {
  test('has the exponential buckets between an edge below and +Inf', () => {
    const [point] = explicitHistogram(
      familyOf(
        pointOf({
          count: 11,
          sum: 5,
          zeroCount: 2,
          positive: { offset: 0, bucketCounts: [3, 0, 1] },
          negative: { offset: 1, bucketCounts: [1, 4] },
          min: -7,
          max: 8,
        }),
      ),
    ).points
    assert.deepEqual(point?.bounds, [-8, -4, -2, 0, 1, 2, 4, 8])
    assert.deepEqual(point?.bucketCounts, [0, 4, 1, 2, 0, 3, 0, 1, 0])
    assert.deepEqual([point?.count, point?.sum, point?.min, point?.max], [11, 5, -7, 8])
  })

  test('gives all points of a family one list of bounds, whatever their scales', () => {
    const points = explicitHistogram(
      familyOf(
        pointOf({ scale: 2, count: 2, positive: { offset: 3, bucketCounts: [1, 1] } }),
        pointOf({ scale: 0, count: 1, positive: { offset: 3, bucketCounts: [1] } }),
        pointOf({ scale: 20, count: 5, zeroCount: 5 }),
      ),
    ).points as [HistogramPoint, HistogramPoint, HistogramPoint]
    for (const { bounds } of points) assert.equal(bounds, points[0].bounds)
    assert.deepEqual(points[0].bounds, [0, 1, 2, 4, 8, 16])
    assert.deepEqual(
      points.map(({ bucketCounts }) => bucketCounts),
      [
        [0, 0, 1, 1, 0, 0, 0],
        [0, 0, 0, 0, 0, 1, 0],
        [5, 0, 0, 0, 0, 0, 0],
      ],
    )
  })

  test('an exemplar is in the bucket of its value, the latest of several', () => {
    const at = (value: number, timeUnixMs: number) => ({
      value,
      timeUnixMs,
      traceId: undefined,
      spanId: undefined,
    })
    const [point] = explicitHistogram(
      familyOf(
        pointOf({
          count: 3,
          positive: { offset: 0, bucketCounts: [3] },
          exemplars: [at(2, 20), at(1.5, 10), at(9, 1)],
        }),
      ),
    ).points
    assert.deepEqual(point?.exemplars, [undefined, undefined, at(2, 20), at(9, 1)])
  })

  test('the largest and the smallest doubles stay countable', () => {
    const [point] = explicitHistogram(
      familyOf(
        pointOf({
          scale: -10,
          count: 4,
          positive: { offset: -2, bucketCounts: [1, 1, 1] },
          negative: { offset: 0, bucketCounts: [1] },
        }),
      ),
    ).points as [HistogramPoint]
    assert.equal(sum(point.bucketCounts), 4)
    assert.ok(
      point.bounds.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > point.bounds[i - 1]!)),
    )
  })

  test('whatever the buckets: no count is lost, bounds ascend, and coarser bounds are among finer ones', () => {
    const buckets = fc.record({
      offset: fc.integer({ min: -500, max: 500 }),
      bucketCounts: fc.array(fc.nat({ max: 5 }), { maxLength: 160 }),
    })
    const point = fc.record({
      scale: fc.integer({ min: -3, max: 8 }),
      zeroCount: fc.nat(3),
      positive: buckets,
      negative: buckets,
    })
    fc.assert(
      fc.property(
        fc.array(point, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 4, max: 80 }),
        (given, most) => {
          const family = familyOf(...given.map(pointOf))
          const explicit = explicitHistogram(family, most)
          for (const [i, { bounds, bucketCounts }] of explicit.points.entries()) {
            const { positive, negative, zeroCount } = given[i]!
            assert.equal(
              sum(bucketCounts),
              zeroCount + sum(positive.bucketCounts) + sum(negative.bucketCounts),
            )
            assert.equal(bucketCounts.length, bounds.length + 1)
            assert.ok(bounds.length <= most + 3)
            assert.ok(bounds.every((bound, at) => at === 0 || bound > bounds[at - 1]!))
          }
          const fine = explicit.points[0]!.bounds
          const coarse = explicitHistogram(family, Math.max(4, most >> 1)).points[0]!.bounds
          for (const sign of [1, -1]) {
            const side = (bounds: readonly number[]) =>
              bounds.map((bound) => bound * sign).filter((bound) => bound > 0)
            const within = (bound: number) =>
              bound >= Math.min(...side(fine)) && bound <= Math.max(...side(fine))
            for (const bound of side(coarse).filter(within)) assert.ok(side(fine).includes(bound))
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})

test('withExplicitBuckets leaves everything else as it is', () => {
  const gauge = { ...familyOf(), type: 'gauge', points: [] } as const
  const [first, second] = withExplicitBuckets([gauge, familyOf(pointOf({}))])
  assert.equal(first, gauge)
  assert.equal(second?.type, 'histogram')
})
