import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { collectMetrics } from '@hashira/core'
import { meterProvider, registry } from '@hashira/metrics-red'
import { type Meter, ValueType } from '@opentelemetry/api'
import { familiesOf, faults, freshMeter, pointsOf, said, valuesOf } from './meters'

describe('Meter provider', () => {
  test('gives one meter for equal name, version and schema', () => {
    const get = (...args: Parameters<typeof meterProvider.getMeter>) => meterProvider.getMeter(...args)
    assert.equal(get('a', '1', { schemaUrl: 'x' }), get('a', '1', { schemaUrl: 'x' }))
    assert.notEqual(get('a', '1'), get('a', '2'))
    assert.notEqual(get('a', '1'), get('a', '1', { schemaUrl: 'x' }))
    assert.notEqual(get('a","1'), get('a', '1'))
    assert.equal(get('a', ''), get('a'))
  })

  test('gives a working meter for names that are none', async () => {
    const hostile = {
      get schemaUrl(): string {
        throw new Error('no')
      },
    }
    for (const name of ['', undefined, null, 1, {}]) {
      const meter = meterProvider.getMeter(name as string, name as string, hostile)
      meter.createCounter('nameless').add(1)
    }
    const { families } = await collectMetrics()
    const family = families.find(({ name }) => name === 'nameless')
    assert.equal(family?.scope?.name, '')
    assert.deepEqual(
      family?.points.map((point) => 'value' in point && point.value),
      [5],
    )
  })

  test('keeps apart what two meters measure under one name', async () => {
    const [a, b] = [freshMeter(), freshMeter()]
    a.meter.createCounter('orders').add(1)
    b.meter.createCounter('orders').add(2)
    assert.deepEqual(await valuesOf(a.scope), [[{}, 1]])
    assert.deepEqual(await valuesOf(b.scope), [[{}, 2]])
    const text = await registry.metrics()
    assert.match(text, new RegExp(`^orders_total\\{otel_scope_name="${a.scope}"\\} 1$`, 'm'))
    assert.match(text, new RegExp(`^orders_total\\{otel_scope_name="${b.scope}"\\} 2$`, 'm'))
  })

  test('says name, version, schema, unit and description of what it measures', async () => {
    const scope = { name: 'test-described', version: '1.2', schemaUrl: 'https://example.test' }
    const meter = meterProvider.getMeter(scope.name, scope.version, { schemaUrl: scope.schemaUrl })
    meter.createCounter('jobs', { description: 'Jobs done', unit: '{job}' }).add(1)
    const [family] = await familiesOf(scope.name)
    assert.deepEqual(
      { ...family, points: [] },
      {
        name: 'jobs',
        naming: 'opentelemetry',
        description: 'Jobs done',
        unit: '{job}',
        scope,
        type: 'counter',
        points: [],
      },
    )
  })
})

describe('Counter', () => {
  test('adds up by attributes', async () => {
    const { meter, scope } = freshMeter()
    const counter = meter.createCounter('c')
    counter.add(1, { k: 'a' })
    counter.add(2.5, { k: 'a' })
    counter.add(4, { k: 'b' })
    counter.add(0)
    assert.deepEqual(await valuesOf(scope), [
      [{ k: 'a' }, 3.5],
      [{ k: 'b' }, 4],
      [{}, 0],
    ])
    assert.equal((await familiesOf(scope))[0]?.type, 'counter')
  })

  test('drops what is negative, NaN, infinite or no number, with a count', async () => {
    const { meter, scope } = freshMeter()
    const counter = meter.createCounter('c')
    const bad = [-1, Number.NaN, Infinity, -Infinity, '5', null, undefined, {}, 10n, Symbol('x'), () => 1]
    assert.equal(
      await faults('counter_value', () => {
        for (const value of bad) counter.add(value as number)
      }),
      bad.length,
    )
    assert.deepEqual(await familiesOf(scope), [])
  })
})

test('UpDownCounter goes both ways', async () => {
  const { meter, scope } = freshMeter()
  const counter = meter.createUpDownCounter('u')
  counter.add(3)
  counter.add(-5)
  assert.equal(await faults('up_down_counter_value', () => counter.add(Number.NaN)), 1)
  assert.equal(await faults('up_down_counter_value', () => counter.add(-Infinity)), 1)
  assert.deepEqual(await valuesOf(scope), [[{}, -2]])
  assert.equal((await familiesOf(scope))[0]?.type, 'updowncounter')
})

test('Gauge keeps the last value, infinities included', async () => {
  const { meter, scope } = freshMeter()
  const gauge = meter.createGauge('g')
  gauge.record(3, { k: 1 })
  gauge.record(-5, { k: 1 })
  gauge.record(Infinity, { k: 2 })
  assert.equal(await faults('gauge_value', () => gauge.record(Number.NaN, { k: 1 })), 1)
  assert.deepEqual(await valuesOf(scope), [
    [{ k: 1 }, -5],
    [{ k: 2 }, Infinity],
  ])
  assert.equal((await familiesOf(scope))[0]?.type, 'gauge')
})

describe('Histogram', () => {
  test('has the default buckets of the specification, sum, count and extremes', async () => {
    const { meter, scope } = freshMeter()
    const histogram = meter.createHistogram('h')
    for (const value of [0, 5, 5.1, 20_000]) histogram.record(value)
    const [point] = await pointsOf(scope)
    const bounds = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000]
    assert.deepEqual(point?.bounds, bounds)
    assert.deepEqual(Array.from(point!.bucketCounts), [1, 1, 1, ...Array(12).fill(0), 1])
    assert.deepEqual([point?.count, point?.sum, point?.min, point?.max], [4, 20_010.1, 0, 20_000])
  })

  test('takes advised buckets, with or without +Inf, also none at all', async () => {
    const { meter, scope } = freshMeter()
    const advise = (name: string, explicitBucketBoundaries: number[]) =>
      meter.createHistogram(name, { advice: { explicitBucketBoundaries } }).record(1.5)
    advise('a', [1, 2])
    advise('b', [1, 2, Infinity])
    advise('c', [])
    assert.deepEqual(
      (await pointsOf(scope)).map(({ bounds, bucketCounts }) => [
        bounds,
        [...(bucketCounts as Float64Array)],
      ]),
      [
        [
          [1, 2],
          [0, 1, 0],
        ],
        [
          [1, 2],
          [0, 1, 0],
        ],
        [[], [1]],
      ],
    )
  })

  test('takes bad advice for none, and says so', async () => {
    const { meter, scope } = freshMeter()
    for (const [i, advice] of [[2, 1], [1, 1], [Number.NaN], ['1'], 'x', [1, Infinity, 2]].entries()) {
      const lines = await said(() =>
        meter
          .createHistogram(`bad.${scope}.${i}`, { advice: { explicitBucketBoundaries: advice as number[] } })
          .record(1),
      )
      assert.match(lines.join(), /advised bucket boundaries are .*HASHIRA_INSTRUMENT_INVALID/)
    }
    for (const { bounds } of await pointsOf(scope)) assert.equal(bounds.length, 15)
  })

  test('drops what is negative, NaN or infinite', async () => {
    const { meter, scope } = freshMeter()
    const histogram = meter.createHistogram('h')
    const bad = [-0.1, Number.NaN, Infinity, '1']
    assert.equal(
      await faults('histogram_value', () => {
        for (const value of bad) histogram.record(value as number)
      }),
      bad.length,
    )
    assert.deepEqual(await familiesOf(scope), [])
  })
})

test('an instrument of integers cuts fractions, with a count', async () => {
  const { meter, scope } = freshMeter()
  const counter = meter.createUpDownCounter('i', { valueType: ValueType.INT })
  assert.equal(
    await faults('metric_fraction', () => {
      counter.add(2.9)
      counter.add(-0.5)
      counter.add(3)
    }),
    2,
  )
  assert.deepEqual(await valuesOf(scope), [[{}, 5]])
})

test('snapshots are cumulative copies', async () => {
  const { meter, scope } = freshMeter()
  const counter = meter.createCounter('c')
  const histogram = meter.createHistogram('h')
  counter.add(1)
  histogram.record(1)
  const [first, second] = await pointsOf(scope)
  counter.add(1)
  histogram.record(1)
  assert.deepEqual([first?.value, second?.count, second!.bucketCounts[1]], [1, 1, 1])
  const [again, more] = await pointsOf(scope)
  assert.deepEqual([again?.value, more?.count], [2, 2])
  assert.equal(again?.startTimeUnixMs, first?.startTimeUnixMs)
})

test('bound handles are the same series as the attributes that they are bound to', async () => {
  const { meter, scope } = freshMeter()
  const attributes: Record<string, string> = { k: 'a' }
  const counter = meter.createCounter('c')
  const bound = counter.bind(attributes)
  meter.createHistogram('h').bind()
  meter.createGauge('g').bind({ k: 1 })
  assert.deepEqual(await familiesOf(scope), [], 'nothing shows before something is measured')
  attributes['k'] = 'changed'
  bound.add(2)
  counter.add(1, { k: 'a' })
  assert.equal(await faults('counter_value', () => bound.add(-1)), 1)
  meter.createHistogram('h').bind({ k: 'x' }).record(7)
  meter.createGauge('g').bind({ k: 1 }).record(8)
  meter.createUpDownCounter('u').bind().add(-3)
  assert.deepEqual(await valuesOf(scope, 'c'), [[{ k: 'a' }, 3]])
  assert.equal((await pointsOf(scope, 'h'))[0]?.sum, 7)
  assert.deepEqual(await valuesOf(scope, 'g'), [[{ k: 1 }, 8]])
  assert.deepEqual(await valuesOf(scope, 'u'), [[{}, -3]])
})

test('is a Meter of the API in every type', () => {
  const meter: Meter = freshMeter().meter
  assert.equal(typeof meter.createObservableGauge('x').addCallback, 'function')
})

test('all of it is in the app’s own registry, too', async () => {
  const { meter, scope } = freshMeter()
  meter
    .createHistogram('reg.took', { unit: 's', advice: { explicitBucketBoundaries: [1] } })
    .record(0.5, { k: 'v' })
  meter.createObservableGauge('reg.size').addCallback((result) => result.observe(3))
  const text = await registry.metrics()
  assert.match(
    text,
    new RegExp(`^reg_took_seconds_bucket\\{le="1",k="v",otel_scope_name="${scope}"\\} 1$`, 'm'),
  )
  assert.match(text, new RegExp(`^reg_size\\{otel_scope_name="${scope}"\\} 3$`, 'm'))
})
