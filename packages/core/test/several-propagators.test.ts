import assert from 'node:assert/strict'
import { after, afterEach, describe, test } from 'node:test'
import {
  BaggageList,
  baggageOf,
  createPropagator,
  DEFAULT_PROPAGATORS,
  extractContext,
  FirstTracePropagator,
  faultCounts,
  headerFamily,
  rootContext,
  setDiagnosticSink,
  setPropagator,
  spanOf,
  W3cTraceContextPropagator,
  withBaggage,
} from '@hashira/core'
import { passOn, seen, use } from './propagation-support'

const T = '0af7651916cd43dd8448eb211c80319c'
const LOW = '8448eb211c80319c'
const S = 'b7ad6b7169203331'
const OTHER = 'c'.repeat(32)
const traceparent = `00-${T}-${S}-01`

const lines: string[] = []
setDiagnosticSink((_level, line) => void lines.push(line))
afterEach(() => {
  lines.length = 0
})
after(() => {
  setDiagnosticSink(undefined)
  use(...DEFAULT_PROPAGATORS)
})

const conflicts = () => faultCounts().get('propagation_conflict') ?? 0

describe('several propagators', () => {
  test('each is tried, the first that finds a valid trace gives the parent, all are sent', () => {
    use('tracecontext', 'b3', 'xray')
    assert.deepEqual(seen({ b3: `${T}-${S}-1` }), { traceId: T, spanId: S, decision: 'sampled' })
    assert.deepEqual(passOn({ traceparent: 'broken', b3: `${T}-${S}-0` }), {
      traceparent: `00-${T}-${S}-00`,
      b3: `${T}-${S}-0`,
      'x-amzn-trace-id': `Root=1-${T.slice(0, 8)}-${T.slice(8)};Parent=${S};Sampled=0`,
    })
    assert.deepEqual(seen({}), {})
  })

  test('another trace of a later one is said once with both names, counted, and not used', () => {
    use('b3', 'tracecontext', 'datadog')
    const before = conflicts()
    const headers = { b3: `${T}-${S}-d`, traceparent: `00-${OTHER}-${S}-01`, tracestate: 'a=1' }
    for (let i = 0; i < 3; i++) assert.equal(seen(headers).traceId, T)
    assert.equal(conflicts() - before, 3)
    assert.equal(lines.length, 1)
    assert.match(
      lines[0]!,
      /b3 and tracecontext found different traces.*that of b3 is used.*\[HASHIRA_PROPAGATION_CONFLICT\]/,
    )
    assert.ok(!lines[0]!.includes(OTHER) && !lines[0]!.includes(T))
    assert.equal(spanOf(extractContext(headers))?.spanContext().traceState, undefined)
    const three = {
      ...headers,
      'x-datadog-trace-id': '1',
      'x-datadog-parent-id': '2',
      'x-datadog-origin': 'rum',
    }
    assert.equal(passOn(three)['x-datadog-origin'], undefined)
    assert.equal(lines.length, 2)
    assert.match(lines[1]!, /b3 and datadog/)
  })

  test('the same trace again adds its states', () => {
    use('datadog', 'tracecontext', 'b3', 'xray')
    const before = conflicts()
    const low = BigInt(`0x${LOW}`).toString()
    const sent = passOn({
      'x-datadog-trace-id': low,
      'x-datadog-parent-id': '7',
      'x-datadog-sampling-priority': '2',
      'x-datadog-tags': `_dd.p.tid=${T.slice(0, 16)},_dd.p.dm=-4`,
      traceparent,
      tracestate: 'dd=s:2,other=1',
      b3: `${T}-${S}-d`,
      'x-amzn-trace-id': `Root=1-${T.slice(0, 8)}-${T.slice(8)};Parent=${S};Sampled=1;Lineage=a:1`,
    })
    const span = '0000000000000007'
    assert.deepEqual(sent, {
      'x-datadog-trace-id': low,
      'x-datadog-parent-id': '7',
      'x-datadog-sampling-priority': '2',
      'x-datadog-tags': `_dd.p.tid=${T.slice(0, 16)},_dd.p.dm=-4`,
      traceparent: `00-${T}-${span}-01`,
      tracestate: 'dd=s:2;t.dm:-4,other=1',
      b3: `${T}-${span}-d`,
      'x-amzn-trace-id': `Root=1-${T.slice(0, 8)}-${T.slice(8)};Parent=${span};Sampled=1;Lineage=a:1`,
    })
    assert.equal(conflicts(), before)
  })

  test('a system with ids of 64 bits speaks of the same trace', () => {
    use('tracecontext', 'ottrace')
    const before = conflicts()
    assert.equal(seen({ traceparent, 'ot-tracer-traceid': LOW, 'ot-tracer-spanid': S }).traceId, T)
    assert.equal(conflicts(), before)
    assert.equal(lines.length, 0)
  })

  test('a trace comes before whatever a caller without one says, in any order', () => {
    for (const b3 of ['0', 'd']) {
      const headers = { traceparent, 'jaeger-debug-id': 'x', b3, 'uberctx-a': '1' }
      for (const names of [
        ['jaeger', 'b3', 'tracecontext'],
        ['tracecontext', 'b3', 'jaeger'],
      ]) {
        use(...names)
        assert.deepEqual(seen(headers), { traceId: T, spanId: S, decision: 'sampled' })
        assert.deepEqual(passOn(headers), {
          traceparent,
          b3: `${T}-${S}-1`,
          'uber-trace-id': `${T}:${S}:0:1`,
          'uberctx-a': '1',
        })
      }
    }
  })

  test('baggage of all is put together, the first item of a name wins', () => {
    const headers = {
      baggage: 'a=w3c,b=w3c',
      'uberctx-a': 'jaeger',
      'uberctx-c': 'jaeger',
      'ot-baggage-d': 'ot',
    }
    const items = () =>
      Object.fromEntries(
        baggageOf(extractContext(headers))!
          .getAllEntries()
          .map(([key, { value }]) => [key, value]),
      )
    use('baggage', 'jaeger', 'ottrace')
    assert.deepEqual(items(), { a: 'w3c', b: 'w3c', c: 'jaeger', d: 'ot' })
    use('jaeger', 'ottrace', 'baggage')
    assert.deepEqual(items(), { a: 'jaeger', c: 'jaeger', d: 'ot', b: 'w3c' })
    const own = withBaggage(rootContext, new BaggageList(new Map([['own', { value: '1' }]])))
    assert.equal(baggageOf(extractContext({ baggage: 'a=1' }, own))?.getEntry('own'), undefined)
  })

  test('baggage of a trace that is not used is kept: it is nobody’s trace', () => {
    use('tracecontext', 'jaeger')
    const context = extractContext({ traceparent, 'uber-trace-id': `${OTHER}:${S}:0:3`, 'uberctx-a': '1' })
    assert.equal(spanOf(context)?.spanContext().traceId, T)
    assert.equal(baggageOf(context)?.getEntry('a')?.value, '1')
  })

  test('one that throws is counted, the others go on', () => {
    const broken = {
      extract: () => {
        throw new Error('x')
      },
      inject: () => {
        throw new Error('x')
      },
      fields: () => ['x'],
    }
    const named = [
      { name: 'broken', propagator: broken },
      { name: 'tracecontext', propagator: new W3cTraceContextPropagator() },
    ]
    setPropagator(new FirstTracePropagator(named))
    const before = faultCounts().get('propagator') ?? 0
    assert.deepEqual(passOn({ traceparent }), { traceparent })
    assert.equal((faultCounts().get('propagator') ?? 0) - before, 2)
  })

  test('only headers with a prefix are noticed, too', () => {
    use('tracecontext', 'jaeger')
    assert.notEqual(extractContext({ 'uberctx-a': '1' }), rootContext)
    assert.equal(extractContext({ 'uberct-a': '1', accept: '*/*' }), rootContext)
    use(...DEFAULT_PROPAGATORS)
    assert.equal(extractContext({ 'uberctx-a': '1' }), rootContext)
  })

  test('headers that mean one thing together', () => {
    use('tracecontext', 'baggage', 'b3', 'datadog')
    const together = [
      ['traceparent', 'tracestate'],
      ['b3', 'x-b3-parentspanid'],
      ['x-datadog-trace-id', 'x-datadog-tags'],
    ]
    const families = together.map(([one, other]) => {
      assert.notEqual(headerFamily(one!), undefined)
      assert.equal(headerFamily(one!), headerFamily(other!))
      return headerFamily(one!)
    })
    assert.equal(new Set(families).size, together.length)
    for (const alone of ['baggage', 'accept', 'x-amzn-trace-id']) assert.equal(headerFamily(alone), undefined)
    assert.equal(createPropagator(['b3']).propagator.fields().length, 6)
  })
})
