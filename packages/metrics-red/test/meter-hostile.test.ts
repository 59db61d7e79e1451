import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectMetrics, setDiagnosticSink } from '@hashira/core'
import { meterProvider } from '@hashira/metrics-red'
import fc from 'fast-check'

// biome-ignore lint/suspicious/noExplicitAny: everything that the types forbid is given
type Any = any

const junk: fc.Arbitrary<Any> = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSparseArray: true,
  }),
  fc.constantFrom('c', Symbol('s'), () => 1, class {}, Object.freeze({ a: 1 })),
  fc.constant(
    new Proxy(
      {},
      {
        get() {
          throw new Error('get')
        },
        ownKeys() {
          throw new Error('ownKeys')
        },
      },
    ),
  ),
)

test('whatever a meter and its instruments are given, nothing throws and every reader is served', async (t) => {
  const seed = Date.now() & 0x7fff_ffff
  t.diagnostic(`seed ${seed}`)
  setDiagnosticSink(() => {})
  t.after(() => setDiagnosticSink(undefined))
  const healthy = meterProvider.getMeter('healthy').createCounter('healthy')
  healthy.add(1)
  await fc.assert(
    fc.asyncProperty(fc.array(junk, { minLength: 6, maxLength: 6 }), async ([a, b, c, d, e, f]: Any[]) => {
      const meter = meterProvider.getMeter(a, b, c)
      const instruments: Any[] = [
        meter.createCounter(d, e),
        meter.createUpDownCounter('u', e),
        meter.createHistogram('h', e),
        meter.createGauge('g', e),
      ]
      for (const instrument of instruments) {
        const write = (one: Any, ...args: Any[]) => (one.add ?? one.record).call(one, ...args)
        write(instrument, a, b, c)
        write(instrument, 1, d, e)
        write(instrument, 1, { k: f }, undefined)
        write(instrument.bind(a), 1, b)
      }
      const observable = meter.createObservableGauge('o', f)
      observable.addCallback(a)
      observable.removeCallback(a)
      const callback = (result: Any) => result.observe(a, b, c)
      observable.addCallback(callback)
      meter.addBatchObservableCallback(b, c)
      meter.removeBatchObservableCallback(b, c)
      meter.addBatchObservableCallback(callback, [observable, a])
      const { families } = await collectMetrics()
      assert.ok(families.some(({ name }) => name === 'healthy'))
      observable.removeCallback(callback)
      meter.removeBatchObservableCallback(callback, [observable, a])
    }),
    { numRuns: 200, seed },
  )
})
