import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rootContext, runInContext, withSpan } from '@hashira/core'
import { configureMetrics } from '@hashira/metrics-red'
import { type Span, trace } from '@opentelemetry/api'
import { faults, freshMeter, pointsOf } from './meters'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const contextOf = (spanId: string, traceFlags: number) =>
  withSpan(rootContext, trace.wrapSpanContext({ traceId, spanId, traceFlags }))
const SAMPLED = contextOf('b7ad6b7169203331', 1)
const UNSAMPLED = contextOf('00f067aa0ba902b7', 0)

test('the latest measurement in a sampled span is the exemplar, of a histogram one per bucket', async () => {
  const { meter, scope } = freshMeter()
  const counter = meter.createCounter('c')
  const histogram = meter.createHistogram('h', { advice: { explicitBucketBoundaries: [1, 2] } })
  const gauge = meter.createGauge('g')
  const before = Date.now()
  runInContext(SAMPLED, () => {
    counter.add(1)
    counter.add(2)
    histogram.record(0.5)
    histogram.record(5)
    gauge.record(7)
  })
  runInContext(UNSAMPLED, () => {
    counter.add(3)
    histogram.record(0.6)
    gauge.record(8)
  })
  counter.add(4)
  const exemplar = (value: number) => ({ value, traceId, spanId: 'b7ad6b7169203331' })
  const shown = (one: { timeUnixMs: number } | undefined) => {
    assert.ok(one === undefined || (one.timeUnixMs >= before && one.timeUnixMs <= Date.now()))
    if (one === undefined) return undefined
    const { timeUnixMs: _, ...rest } = one
    return rest
  }
  const [c, h, g] = await pointsOf(scope)
  assert.deepEqual(shown(c?.exemplar), exemplar(2))
  assert.deepEqual(h?.exemplars?.map(shown), [exemplar(0.5), undefined, exemplar(5)])
  assert.deepEqual(shown(g?.exemplar), exemplar(7))
})

test('a context that is given wins over the active one; bound handles do the same', async () => {
  const { meter, scope } = freshMeter()
  const counter = meter.createCounter('c')
  runInContext(SAMPLED, () => counter.add(1, {}, UNSAMPLED))
  assert.equal((await pointsOf(scope))[0]?.exemplar, undefined)
  counter.add(1, {}, SAMPLED)
  assert.equal((await pointsOf(scope))[0]?.exemplar?.spanId, 'b7ad6b7169203331')
  const bound = meter.createHistogram('h').bind({ k: 'v' })
  bound.record(3, SAMPLED)
  assert.equal((await pointsOf(scope, 'h'))[0]?.exemplars?.[1]?.value, 3)
})

test('attributes that a view leaves out are on the exemplar', async (t) => {
  t.after(() => configureMetrics())
  configureMetrics({ views: [{ instrumentName: 'c', attributeKeys: ['kept'] }] })
  const { meter, scope } = freshMeter()
  const counter = meter.createCounter('c')
  counter.add(1, { kept: 'a', 'user.id': 7 }, SAMPLED)
  meter.createCounter('c').bind({ kept: 'b', 'user.id': 8 }).add(1, SAMPLED)
  const points = await pointsOf(scope)
  assert.deepEqual(
    points.map(({ attributes, exemplar }) => [attributes, exemplar?.attributes]),
    [
      [
        ['kept', 'a'],
        ['user.id', 7],
      ],
      [
        ['kept', 'b'],
        ['user.id', 8],
      ],
    ],
  )
})

test('an exponential histogram keeps up to 20', async (t) => {
  t.after(() => configureMetrics())
  configureMetrics({ views: [{ instrumentName: 'e', aggregation: 'base2_exponential_bucket_histogram' }] })
  const { meter, scope } = freshMeter()
  const histogram = meter.createHistogram('e')
  for (let i = 1; i <= 100; i++) histogram.record(i, {}, SAMPLED)
  const exemplars = (await pointsOf(scope))[0]?.exemplars ?? []
  assert.equal(exemplars.length, 20)
  assert.ok(exemplars.every((one) => one !== undefined && one.value >= 1 && one.value <= 100))
})

test('a span that throws costs its exemplar, not the measurement', async () => {
  const { meter, scope } = freshMeter()
  const broken = {
    spanContext() {
      throw new Error('broken')
    },
  } as unknown as Span
  const counter = meter.createCounter('c')
  assert.equal(await faults('exemplar', () => counter.add(1, {}, withSpan(rootContext, broken))), 1)
  assert.equal(await faults('exemplar', () => counter.add(1, {}, 'no context' as never)), 1)
  assert.equal((await pointsOf(scope))[0]?.value, 2)
})
