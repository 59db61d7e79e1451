import assert from 'node:assert/strict'
import { describe, mock, test } from 'node:test'
import { collectMetrics } from '@hashira/core'
import { registry } from '@hashira/metrics-red'
import { type BatchObservableCallback, type ObservableCallback, ValueType } from '@opentelemetry/api'
import { familiesOf, faults, freshMeter, valuesOf } from './meters'

describe('observable instruments', () => {
  test('are asked whenever somebody reads, and have their own types', async () => {
    const { meter, scope } = freshMeter()
    let n = 0
    meter.createObservableCounter('c').addCallback((result) => result.observe(++n, { k: 'a' }))
    meter.createObservableUpDownCounter('u').addCallback((result) => result.observe(-n))
    meter.createObservableGauge('g').addCallback(async (result) => {
      await Promise.resolve()
      result.observe(n / 2)
    })
    const types = (await familiesOf(scope)).map(({ name, type }) => [name, type])
    assert.deepEqual(types, [
      ['c', 'counter'],
      ['u', 'updowncounter'],
      ['g', 'gauge'],
    ])
    assert.deepEqual(await valuesOf(scope), [
      [{ k: 'a' }, 2],
      [{}, -2],
      [{}, 1],
    ])
  })

  test('call a callback once a round, whoever reads at once, and once however often it was added', async () => {
    const { meter, scope } = freshMeter()
    let calls = 0
    const observable = meter.createObservableCounter('c')
    const callback: ObservableCallback = (result) => result.observe(++calls)
    observable.addCallback(callback)
    observable.addCallback(callback)
    const other = meter.createObservableGauge('g')
    other.addCallback(() => {})
    const [a, b] = await Promise.all([valuesOf(scope), valuesOf(scope), registry.metrics()])
    assert.equal(calls, 1)
    assert.deepEqual(a, b)
    await collectMetrics()
    assert.equal(calls, 2)
    observable.removeCallback(callback)
    observable.removeCallback(callback)
    assert.deepEqual(await familiesOf(scope), [])
    assert.equal(calls, 2)
  })

  test('show only what was observed last, and of equal attributes the last observation', async () => {
    const { meter, scope } = freshMeter()
    let round = 0
    meter.createObservableGauge('g').addCallback((result) => {
      round++
      result.observe(1, { k: 'both' })
      result.observe(round, { a: 1, b: 2 })
      result.observe(round * 10, { b: 2, a: 1 })
      if (round === 1) result.observe(5, { k: 'first only' })
    })
    assert.equal((await valuesOf(scope)).length, 3)
    assert.deepEqual(await valuesOf(scope), [
      [{ k: 'both' }, 1],
      [{ a: 1, b: 2 }, 20],
    ])
  })

  test('several callbacks of one instrument add to each other', async () => {
    const { meter, scope } = freshMeter()
    const gauge = meter.createObservableGauge('g')
    gauge.addCallback((result) => result.observe(1, { k: 'a' }))
    gauge.addCallback((result) => result.observe(2, { k: 'b' }))
    assert.deepEqual(await valuesOf(scope), [
      [{ k: 'a' }, 1],
      [{ k: 'b' }, 2],
    ])
  })

  test('drop what is no number, with a count, and cut fractions of integers', async () => {
    const { meter, scope } = freshMeter()
    meter.createObservableCounter('c', { valueType: ValueType.INT }).addCallback((result) => {
      for (const bad of [Number.NaN, Infinity, '1', null, undefined, 1n])
        result.observe(bad as number, { bad: true })
      result.observe(2.7)
    })
    meter.createObservableGauge('g').addCallback((result) => result.observe(Infinity))
    assert.equal(await faults('observed_value', () => collectMetrics()), 6)
    assert.deepEqual(await valuesOf(scope), [
      [{}, 2],
      [{}, Infinity],
    ])
  })

  test('a callback that fails loses its own observations; the metric is named as failed', async () => {
    const { meter, scope } = freshMeter()
    let broken = true
    const gauge = meter.createObservableGauge('g')
    gauge.addCallback((result) => {
      result.observe(1, { k: 'before the error' })
      if (broken) throw new Error('broken')
    })
    meter.createObservableGauge('healthy').addCallback((result) => result.observe(1))
    const { failures } = await collectMetrics()
    assert.ok(failures.some(({ name, error }) => name === 'g' && (error as Error).message === 'broken'))
    assert.deepEqual(await valuesOf(scope), [[{}, 1]])
    gauge.addCallback((result) => result.observe(2))
    assert.equal(await faults('observable_callback', () => collectMetrics()), 1)
    assert.deepEqual(await valuesOf(scope, 'g'), [[{}, 2]])
    broken = false
    assert.deepEqual(await valuesOf(scope, 'g'), [
      [{ k: 'before the error' }, 1],
      [{}, 2],
    ])
  })

  test('a callback that hangs holds up nobody for more than 4 s, once', async (t) => {
    const { meter, scope } = freshMeter()
    let calls = 0
    let end = () => {}
    const hanging = meter.createObservableGauge('hanging')
    const callback: ObservableCallback = (result) =>
      new Promise<void>((resolve) => {
        calls++
        end = () => {
          result.observe(1)
          resolve()
        }
      })
    hanging.addCallback(callback)
    t.after(() => hanging.removeCallback(callback))
    meter.createObservableGauge('g').addCallback((result) => result.observe(1))
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const reading = collectMetrics()
      mock.timers.tick(4_000)
      const { failures } = await reading
      assert.match(String(failures.find(({ name }) => name === 'hanging')?.error), /within 4000 ms/)
      assert.deepEqual(await valuesOf(scope), [[{}, 1]], 'the next round does not wait')
      assert.equal(calls, 1)
    } finally {
      mock.timers.reset()
    }
    end()
    await new Promise(setImmediate)
    const again = collectMetrics()
    await new Promise(setImmediate)
    assert.equal(calls, 2, 'once it has ended it is asked again')
    end()
    assert.deepEqual((await again).failures, [])
  })

  test('what is observed after the callback has ended, or with hostile attributes, does no harm', async () => {
    const { meter, scope } = freshMeter()
    const hostile = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('no')
        },
      },
    )
    let late: (() => void) | undefined
    meter.createObservableGauge('g').addCallback((result) => {
      const { observe } = result
      late = () => observe.call(result, 99)
      result.observe(1, hostile)
    })
    assert.equal(await faults('metric_attributes', () => collectMetrics()), 1)
    assert.equal(await faults('observation', () => late?.()), 1)
    assert.deepEqual(await valuesOf(scope), [[{}, 1]])
  })

  test('what is no function is no callback', async () => {
    const { meter } = freshMeter()
    const gauge = meter.createObservableGauge('g')
    assert.equal(
      await faults('observable_callback', () => {
        gauge.addCallback(undefined as never)
        meter.addBatchObservableCallback({} as never, [gauge])
      }),
      2,
    )
  })
})

describe('batch callbacks', () => {
  test('observe several instruments at once, and only their own', async () => {
    const { meter, scope } = freshMeter()
    const a = meter.createObservableCounter('a')
    const b = meter.createObservableGauge('b')
    const stranger = meter.createObservableGauge('stranger')
    let calls = 0
    const callback: BatchObservableCallback = async (result) => {
      calls++
      await Promise.resolve()
      result.observe(a, 1, { k: 'a' })
      result.observe(b, 2)
      result.observe(stranger, 3)
      result.observe({} as never, 4)
    }
    meter.addBatchObservableCallback(callback, [a, b])
    meter.addBatchObservableCallback(callback, [b, a])
    assert.equal(await faults('observation', () => collectMetrics()), 2)
    assert.equal(calls, 1)
    assert.deepEqual(await valuesOf(scope), [
      [{ k: 'a' }, 1],
      [{}, 2],
    ])
    meter.removeBatchObservableCallback(callback, [a])
    assert.equal((await valuesOf(scope)).length, 2, 'another set of instruments is another registration')
    meter.removeBatchObservableCallback(callback, [b, a])
    assert.deepEqual(await familiesOf(scope), [])
  })

  test('may observe instruments of several meters', async () => {
    const [one, two] = [freshMeter(), freshMeter()]
    const a = one.meter.createObservableGauge('a')
    const b = two.meter.createObservableGauge('b')
    one.meter.addBatchObservableCallback(
      (result) => {
        result.observe(a, 1)
        result.observe(b, 2)
      },
      [a, b],
    )
    assert.deepEqual(await valuesOf(two.scope), [[{}, 2]])
  })

  test('of instruments of another SDK are not taken', async () => {
    const { meter } = freshMeter()
    const other = { addCallback() {}, removeCallback() {} }
    assert.equal(
      await faults('observable', () => {
        meter.addBatchObservableCallback(() => {}, [other])
        meter.addBatchObservableCallback(() => {}, undefined as never)
      }),
      2,
    )
  })
})
