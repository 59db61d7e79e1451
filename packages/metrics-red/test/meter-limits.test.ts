import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configureMetrics, meterProvider } from '@hashira/metrics-red'
import { familiesOf, said, valuesOf } from './meters'

test('an app that makes up meters gets one for all beyond 1,000', async () => {
  const lines = await said(() => {
    for (let i = 0; i < 1_100; i++) meterProvider.getMeter(`made-up-${i}`).createCounter('c').add(1)
  })
  assert.equal(lines.length, 1)
  assert.match(lines[0] as string, /1000 meters.*HASHIRA_INSTRUMENT_INVALID/)
  assert.deepEqual(await valuesOf('made-up-999'), [[{}, 1]])
  assert.deepEqual(await valuesOf('overflow'), [[{}, 100]])
})

test('an app that makes up instruments gets none beyond 10,000', async (t) => {
  // Without metrics an instrument is cheap: this is about the count.
  configureMetrics({ enabled: false })
  t.after(() => configureMetrics())
  const meter = meterProvider.getMeter('made-up-0')
  const lines = await said(() => {
    for (let i = 0; i < 11_000; i++) meter.createCounter(`c${i}`)
    meter.createHistogram('one.too.many').record(1)
    meter.createObservableGauge('two.too.many').addCallback((result) => result.observe(1))
  })
  assert.equal(lines.length, 1)
  assert.match(lines[0] as string, /10000 OpenTelemetry instruments.*HASHIRA_INSTRUMENT_INVALID/)
  assert.deepEqual(await familiesOf('made-up-0'), [])
})
