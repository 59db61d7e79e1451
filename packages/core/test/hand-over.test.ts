import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  activeContext,
  BaggageList,
  baggageOf,
  bindContext,
  contextCarrier,
  rootContext,
  runInContext,
  runWithCarrier,
  spanOf,
  suppressTracing,
  withBaggage,
  withSpan,
} from '@hashira/core'
import { trace } from '@opentelemetry/api'

const spanContext = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 }
const request = withSpan(rootContext, trace.wrapSpanContext(spanContext))

describe('bindContext', () => {
  test('calls in the context it was made in, or in the one it is given', () => {
    const bound = runInContext(request, () => bindContext(() => activeContext()))
    assert.equal(bound(), request)
    assert.equal(bindContext(activeContext, request)(), request)
    assert.equal(activeContext(), rootContext)
  })

  test('is the function otherwise: name, length, this, arguments, result, error', () => {
    function add(this: { base: number }, a: number, b: number): number {
      if (b < 0) throw new RangeError('negative')
      return this.base + a + b
    }
    const bound = bindContext(add, request)
    assert.equal(bound.name, 'add')
    assert.equal(bound.length, 2)
    assert.equal(bound.call({ base: 1 }, 2, 3), 6)
    assert.throws(() => bound.call({ base: 1 }, 2, -3), /negative/)
  })
})

describe('a carrier', () => {
  test('is plain headers, and brings trace and baggage to where it is run', () => {
    const baggage = new BaggageList().setEntry('tenant', { value: 'a b' })
    const carrier = runInContext(withBaggage(request, baggage), () => contextCarrier())
    assert.deepEqual(carrier, {
      traceparent: `00-${spanContext.traceId}-${spanContext.spanId}-01`,
      baggage: 'tenant=a%20b',
    })
    const arrived = JSON.parse(JSON.stringify(carrier)) as typeof carrier
    const result = runWithCarrier(arrived, () => {
      assert.deepEqual(spanOf()?.spanContext().spanId, spanContext.spanId)
      assert.equal(spanOf()?.spanContext().isRemote, true)
      assert.equal(baggageOf()?.getEntry('tenant')?.value, 'a b')
      return 'returned'
    })
    assert.equal(result, 'returned')
  })

  test('of nothing is empty: outside of a trace, and where tracing is suppressed', () => {
    assert.deepEqual(contextCarrier(rootContext), {})
    assert.deepEqual(contextCarrier(suppressTracing(request)), {})
  })

  test('that is missing or says nothing runs outside of any request, and never throws', () => {
    const carriers: unknown[] = [undefined, null, {}, 7, 'x', { traceparent: 'no' }, { traceparent: 7 }]
    for (const carrier of carriers) {
      runInContext(request, () =>
        runWithCarrier(carrier as never, () => assert.equal(spanOf(), undefined, String(carrier))),
      )
    }
  })
})
