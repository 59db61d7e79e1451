import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type {
  ExponentialHistogramPoint,
  FlatAttributes,
  HistogramPoint,
  MetricFamily,
  MetricSnapshot,
  NumberPoint,
} from '@hashira/core'
import { DeltaReader } from '@hashira/delivery'

const START = 1_000

function snapshot(timeUnixMs: number, ...families: MetricFamily[]): MetricSnapshot {
  return { families, failures: [], timeUnixMs }
}

function numbers(
  type: 'counter' | 'gauge' | 'updowncounter',
  points: [FlatAttributes, number, number?][],
): MetricFamily {
  return {
    name: 'jobs',
    naming: 'opentelemetry',
    description: '',
    unit: '',
    type,
    points: points.map(([attributes, value, start = START]) => ({
      attributes,
      value,
      startTimeUnixMs: start,
    })),
  }
}

function histogram(bucketCounts: ArrayLike<number>, sum: number, bounds = [1, 2]): MetricFamily {
  const count = Array.from(bucketCounts).reduce((a, b) => a + b, 0)
  const point: HistogramPoint = { attributes: [], startTimeUnixMs: START, count, sum, bounds, bucketCounts }
  return {
    name: 'h',
    naming: 'opentelemetry',
    description: '',
    unit: 's',
    type: 'histogram',
    points: [point],
  }
}

const valuesOf = (read: MetricSnapshot) =>
  (read.families[0]?.points as NumberPoint[] | undefined)?.map((p) => p.value)

describe('counters', () => {
  test('become what was added, since the snapshot before', () => {
    const reader = new DeltaReader()
    const first = reader.read(snapshot(2_000, numbers('counter', [[[], 5]])))
    assert.deepEqual(valuesOf(first), [5])
    assert.equal(first.families[0]!.points[0]!.startTimeUnixMs, START)
    const second = reader.read(snapshot(3_000, numbers('counter', [[[], 8]])))
    assert.deepEqual(valuesOf(second), [3])
    assert.equal(second.families[0]!.points[0]!.startTimeUnixMs, 2_000)
  })

  test('that did not change are left out', () => {
    const reader = new DeltaReader()
    reader.read(snapshot(2_000, numbers('counter', [[[], 5]])))
    assert.deepEqual(reader.read(snapshot(3_000, numbers('counter', [[[], 5]]))).families, [])
  })

  test('series are told apart whatever their labels contain', () => {
    const reader = new DeltaReader()
    const labels: FlatAttributes[] = [
      ['a', 'x|', 'b', 'y'],
      ['a', 'x', 'b', '|y'],
      ['a', '1'],
      ['a', 1],
      ['a', ['1']],
      ['a', '["1"]'],
    ]
    reader.read(
      snapshot(
        2_000,
        numbers(
          'counter',
          labels.map((l, i) => [l, i + 1]),
        ),
      ),
    )
    const read = reader.read(
      snapshot(
        3_000,
        numbers(
          'counter',
          labels.map((l, i) => [l, (i + 1) * 3]),
        ),
      ),
    )
    assert.deepEqual(valuesOf(read), [2, 4, 6, 8, 10, 12])
  })

  test('a value that went back, or a new start, is a reset: all of it is new', () => {
    const reader = new DeltaReader()
    reader.read(
      snapshot(
        2_000,
        numbers('counter', [
          [['k', 1], 5],
          [['k', 2], 5],
        ]),
      ),
    )
    const read = reader.read(
      snapshot(
        3_000,
        numbers('counter', [
          [['k', 1], 2],
          [['k', 2], 9, 2_500],
        ]),
      ),
    )
    assert.deepEqual(valuesOf(read), [2, 9])
    assert.equal(read.families[0]!.points[1]!.startTimeUnixMs, 2_500)
  })

  test('a family that was missing once does not count twice; a series that was removed starts anew', () => {
    const reader = new DeltaReader()
    reader.read(
      snapshot(
        2_000,
        numbers('counter', [
          [['k', 1], 5],
          [['k', 2], 5],
        ]),
      ),
    )
    reader.read(snapshot(3_000))
    assert.deepEqual(valuesOf(reader.read(snapshot(4_000, numbers('counter', [[['k', 1], 7]])))), [2])
    assert.deepEqual(valuesOf(reader.read(snapshot(5_000, numbers('counter', [[['k', 2], 1]])))), [1])
  })

  test('exemplars go out once', () => {
    const reader = new DeltaReader()
    const exemplar = { value: 1, timeUnixMs: 1_500, traceId: undefined, spanId: undefined }
    const family = (value: number) => {
      const made = numbers('counter', [[[], value]])
      return { ...made, points: made.points.map((p) => ({ ...p, exemplar })) } as MetricFamily
    }
    assert.deepEqual(
      (reader.read(snapshot(2_000, family(1))).families[0]!.points[0] as NumberPoint).exemplar,
      exemplar,
    )
    assert.equal(
      (reader.read(snapshot(3_000, family(2))).families[0]!.points[0] as NumberPoint).exemplar,
      undefined,
    )
  })
})

test('gauges and up-down counters pass as they are', () => {
  const reader = new DeltaReader()
  for (const type of ['gauge', 'updowncounter'] as const)
    for (const time of [2_000, 3_000])
      assert.deepEqual(valuesOf(reader.read(snapshot(time, numbers(type, [[[], 0]])))), [0])
})

describe('histograms', () => {
  test('subtract by bucket, also from arrays that change in place', () => {
    const reader = new DeltaReader()
    const live = new Float64Array([1, 2, 0])
    reader.read(snapshot(2_000, histogram(live, 4)))
    live.set([1, 5, 1])
    const point = reader.read(snapshot(3_000, histogram(live, 14))).families[0]!.points[0] as HistogramPoint
    assert.deepEqual([...(point.bucketCounts as number[])], [0, 3, 1])
    assert.equal(point.count, 4)
    assert.equal(point.sum, 10)
  })

  test('other bounds, or a bucket that went back, are a reset', () => {
    const reader = new DeltaReader()
    reader.read(snapshot(2_000, histogram([1, 1, 1], 3)))
    const bounds = reader.read(snapshot(3_000, histogram([2, 2, 2], 6, [5, 6]))).families[0]!
      .points[0] as HistogramPoint
    assert.equal(bounds.count, 6)
    const back = reader.read(snapshot(4_000, histogram([9, 0, 0], 9, [5, 6]))).families[0]!
      .points[0] as HistogramPoint
    assert.equal(back.count, 9)
  })
})

describe('exponential histograms', () => {
  const none = { offset: 0, bucketCounts: [] }
  const exponential = (given: Partial<ExponentialHistogramPoint>): MetricFamily => ({
    name: 'e',
    naming: 'opentelemetry',
    description: '',
    unit: '',
    type: 'exponential_histogram',
    points: [
      {
        attributes: [],
        startTimeUnixMs: START,
        count: 0,
        sum: 0,
        scale: 1,
        zeroCount: 0,
        positive: none,
        negative: none,
        ...given,
      },
    ],
  })
  const pointOf = (read: MetricSnapshot) => read.families[0]?.points[0] as ExponentialHistogramPoint

  test('subtract bucket by bucket, also when the scale got smaller and the offset moved', () => {
    const reader = new DeltaReader()
    const live = [1, 2, 3]
    const first = exponential({
      count: 8,
      sum: 10,
      zeroCount: 2,
      positive: { offset: -2, bucketCounts: live },
      min: 0,
      max: 1,
    })
    assert.equal(pointOf(reader.read(snapshot(2_000, first))).max, 1)
    live.fill(99)
    const read = reader.read(
      snapshot(
        3_000,
        exponential({
          scale: 0,
          count: 15,
          sum: 50,
          zeroCount: 3,
          positive: { offset: -1, bucketCounts: [3, 4, 0, 1] },
          negative: { offset: 4, bucketCounts: [4] },
          min: -20,
          max: 9,
        }),
      ),
    )
    const { count, sum, zeroCount, scale, positive, negative, min, max, startTimeUnixMs } = pointOf(read)
    assert.deepEqual([count, sum, zeroCount, scale], [7, 40, 1, 0])
    assert.deepEqual(positive, { offset: 0, bucketCounts: [1, 0, 1] })
    assert.deepEqual(negative, { offset: 4, bucketCounts: [4] })
    assert.deepEqual([min, max], [undefined, undefined])
    assert.equal(startTimeUnixMs, 2_000)
  })

  test('that did not change are left out; the scale of one without buckets does not matter', () => {
    const reader = new DeltaReader()
    const zeros = exponential({ scale: 0, count: 1, zeroCount: 1 })
    reader.read(snapshot(2_000, zeros))
    assert.deepEqual(reader.read(snapshot(3_000, zeros)).families, [])
    const grown = exponential({
      scale: 20,
      count: 2,
      zeroCount: 1,
      positive: { offset: 5, bucketCounts: [1] },
    })
    assert.equal(pointOf(reader.read(snapshot(4_000, grown))).count, 1)
  })

  test('a finer scale, or a bucket or count that went back, is a reset', () => {
    const before = { count: 3, sum: 3, positive: { offset: 0, bucketCounts: [2, 1] } }
    for (const after of [
      { scale: 2, count: 4, positive: { offset: 0, bucketCounts: [4] } },
      { count: 4, positive: { offset: 0, bucketCounts: [4] } },
      { count: 2, positive: { offset: 0, bucketCounts: [1, 1] } },
      { count: 3, positive: { offset: 0, bucketCounts: [2, 1] }, startTimeUnixMs: 2_500 },
    ]) {
      const reader = new DeltaReader()
      reader.read(snapshot(2_000, exponential(before)))
      assert.equal(pointOf(reader.read(snapshot(3_000, exponential(after)))).count, after.count)
    }
  })

  test('exemplars go out once', () => {
    const reader = new DeltaReader()
    const exemplar = (timeUnixMs: number) => ({ value: 1, timeUnixMs, traceId: undefined, spanId: undefined })
    const family = (count: number) =>
      exponential({
        count,
        positive: { offset: 0, bucketCounts: [count] },
        exemplars: [exemplar(1_500), exemplar(2_500)],
      })
    assert.equal(pointOf(reader.read(snapshot(2_000, family(1)))).exemplars?.length, 2)
    assert.deepEqual(pointOf(reader.read(snapshot(3_000, family(2)))).exemplars, [exemplar(2_500)])
  })
})

test('families of one name are told apart by their scope, and two of all the same are read as one', () => {
  const reader = new DeltaReader()
  const scoped = (name: string, value: number) => ({
    ...numbers('counter', [[['k', name], value]]),
    scope: { name, version: undefined, schemaUrl: undefined },
  })
  const plain = (key: string, value: number) => numbers('counter', [[['k', key], value]])
  reader.read(snapshot(2_000, scoped('a', 1), scoped('b', 2), plain('x', 3), plain('y', 4)))
  const read = reader.read(snapshot(3_000, scoped('a', 2), scoped('b', 4), plain('x', 6), plain('y', 8)))
  assert.deepEqual(
    read.families.map(({ points }) => (points[0] as NumberPoint).value),
    [1, 2, 3, 4],
  )
})

test('summaries subtract count and sum and keep their quantiles', () => {
  const reader = new DeltaReader()
  const family = (count: number): MetricFamily => ({
    name: 's',
    naming: 'prometheus',
    description: '',
    unit: '',
    type: 'summary',
    points: [
      {
        attributes: [],
        startTimeUnixMs: START,
        count,
        sum: count * 2,
        quantiles: [{ quantile: 0.5, value: 2 }],
      },
    ],
  })
  reader.read(snapshot(2_000, family(3)))
  const { count, sum, quantiles } = reader.read(snapshot(3_000, family(5))).families[0]!
    .points[0] as never as {
    count: number
    sum: number
    quantiles: unknown[]
  }
  assert.deepEqual([count, sum, quantiles.length], [2, 4, 1])
})
