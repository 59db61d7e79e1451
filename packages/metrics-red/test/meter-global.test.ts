import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectMetrics, setDiagnosticSink } from '@hashira/core'
import { metrics } from '@opentelemetry/api'
import { MeterProvider } from '@opentelemetry/sdk-metrics'

// Modules are loaded in the order of an app's: this one must not import @hashira/metrics-red at its top.
const early = metrics.getMeter('too early').createCounter('too.early')

const names = async () => (await collectMetrics()).families.map(({ name }) => name)

test('what comes alive, and when', async (t) => {
  const { meterProvider, releaseMeterProvider, requireMeterProvider } = await import('@hashira/metrics-red')
  const lines: string[] = []
  setDiagnosticSink((_, line) => lines.push(line))
  t.after(() => setDiagnosticSink(undefined))

  await t.test('the API’s meters are ours from the import on', async () => {
    assert.equal(metrics.getMeterProvider(), meterProvider)
    metrics.getMeter('app').createCounter('in.time').add(1)
    assert.ok((await names()).includes('in.time'))
  })

  await t.test('an instrument from before the import stays dead', async () => {
    early.add(1)
    assert.ok(!(await names()).includes('too.early'))
  })

  await t.test('until start() the place is given to whoever asks', () => {
    const other = new MeterProvider()
    assert.equal(metrics.setGlobalMeterProvider(other), true)
    assert.equal(metrics.getMeterProvider(), other)
    assert.equal(metrics.setGlobalMeterProvider(new MeterProvider()), false, 'and then it is taken')
  })

  await t.test('start() says who has it', () => {
    requireMeterProvider()
    requireMeterProvider()
    assert.equal(lines.length, 1)
    assert.match(
      lines[0] as string,
      /another OpenTelemetry SDK.*\(MeterProvider\).*HASHIRA_METER_NOT_REGISTERED/,
    )
    releaseMeterProvider()
    assert.ok(metrics.getMeterProvider() instanceof MeterProvider, 'which is not ours to take away')
  })

  await t.test('start() takes it for good, shutdown() gives it back', async () => {
    metrics.disable()
    requireMeterProvider()
    assert.equal(metrics.getMeterProvider(), meterProvider)
    const counter = metrics.getMeter('app').createCounter('lives.on')
    assert.equal(metrics.setGlobalMeterProvider(new MeterProvider()), false)
    releaseMeterProvider()
    assert.notEqual(metrics.getMeterProvider(), meterProvider)
    counter.add(1)
    assert.ok((await names()).includes('lives.on'), 'what was made goes on')
    assert.equal(metrics.setGlobalMeterProvider(meterProvider), true, 'an app may register it itself')
  })
})
