import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { faultCounts } from '@hashira/core'
import { tracer } from '@hashira/tracing'
import { type Attributes, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { record, type SeeingSink } from './support'

let sink: SeeingSink
beforeEach(() => {
  sink = record()
})

function faults(reason: string): number {
  return faultCounts().get(reason) ?? 0
}

describe('creation', () => {
  it('takes name, kind and attributes', () => {
    for (const kind of [
      SpanKind.INTERNAL,
      SpanKind.SERVER,
      SpanKind.CLIENT,
      SpanKind.PRODUCER,
      SpanKind.CONSUMER,
    ]) {
      tracer.startSpan('a', { kind, attributes: { one: 1 } }).end()
      const span = sink.one()
      assert.deepEqual([span.name, span.kind, span.attributes], ['a', kind, { one: 1 }])
    }
  })

  it('is internal, unset and empty by default', () => {
    tracer.startSpan('a').end()
    const span = sink.one()
    assert.equal(span.kind, SpanKind.INTERNAL)
    assert.equal(span.statusCode, SpanStatusCode.UNSET)
    assert.deepEqual([span.attributes, span.events, span.links], [{}, [], []])
    assert.equal(span.parentSpanId, undefined)
    assert.equal(span.isLocalRoot, true)
  })

  it('records until it ends, once', () => {
    const span = tracer.startSpan('a')
    assert.equal(span.isRecording(), true)
    span.end()
    assert.equal(span.isRecording(), false)
    span.end()
    assert.equal(sink.spans.length, 1)
  })

  it('chains, as the interface says', () => {
    const span = tracer.startSpan('a')
    const link = { context: span.spanContext() }
    assert.equal(span.setAttribute('a', 1), span)
    assert.equal(span.setAttributes({}), span)
    assert.equal(span.addEvent('e'), span)
    assert.equal(span.addLink(link), span)
    assert.equal(span.addLinks([link]), span)
    assert.equal(span.setStatus({ code: SpanStatusCode.OK }), span)
    assert.equal(span.updateName('b'), span)
    span.end()
    assert.equal(sink.one().name, 'b')
  })

  it('keeps its span context after the end, and ignores every call', () => {
    const span = tracer.startSpan('a')
    const before = span.spanContext()
    span.end()
    span.setAttribute('late', 1).setAttributes({ late: 1 }).addEvent('late').updateName('late')
    span
      .addLink({ context: before })
      .addLinks([{ context: before }])
      .setStatus({ code: SpanStatusCode.ERROR })
    span.recordException(new Error('late'))
    span.pushAttribute('late', 1)
    span.fail(new Error('late'))
    assert.equal(span.spanContext(), before)
    const seen = sink.one()
    assert.deepEqual([seen.name, seen.attributes, seen.events, seen.links], ['a', {}, [], []])
    assert.equal(seen.statusCode, SpanStatusCode.UNSET)
  })
})

describe('attributes', () => {
  it('takes strings, numbers, booleans and arrays of one of them', () => {
    const attributes: Attributes = {
      text: 'x',
      empty: '',
      whole: 1,
      real: 1.5,
      nan: Number.NaN,
      yes: true,
      texts: ['a', 'b'],
      numbers: [1, 2.5],
      booleans: [true, false],
      none: [],
      holes: ['a', null, 'b'],
    }
    tracer.startSpan('a', { attributes }).end()
    assert.deepEqual(sink.one().attributes, attributes)
    tracer.startSpan('a').setAttributes(attributes).end()
    assert.deepEqual(sink.one().attributes, attributes)
  })

  it('copies arrays', () => {
    const texts = ['a']
    const span = tracer.startSpan('a', { attributes: { texts } })
    texts.push('b')
    span.end()
    assert.deepEqual(sink.one().attributes, { texts: ['a'] })
  })

  it('overwrites a key, keeping its place', () => {
    tracer
      .startSpan('a', { attributes: { a: 1, b: 1 } })
      .setAttribute('a', 2)
      .end()
    assert.deepEqual(Object.entries(sink.one().attributes), [
      ['a', 2],
      ['b', 1],
    ])
  })

  it('drops and counts what is no attribute value; null and undefined set nothing', () => {
    const bad = [
      {},
      new Date(),
      () => 1,
      1n,
      Symbol('x'),
      [1, 'a'],
      [{}],
      [[1]],
      [1n],
      new Uint8Array(2),
      new String('x'),
    ]
    const before = faults('attribute_type')
    const span = tracer.startSpan('a').setAttribute('good', 1)
    for (const value of bad) span.setAttribute('bad', value as never)
    span.setAttribute('good', null as never).setAttribute('good', undefined as never)
    span.end()
    const seen = sink.one()
    assert.deepEqual(seen.attributes, { good: 1 })
    assert.equal(seen.droppedAttributesCount, 0)
    assert.equal(faults('attribute_type') - before, bad.length)
  })

  it('drops keys that are empty, no strings or endless', () => {
    const span = tracer.startSpan('a')
    for (const key of ['', 42, null, undefined, Symbol('x'), {}, 'k'.repeat(1_025)])
      span.setAttribute(key as never, 1)
    span.setAttribute('__proto__', 'x').setAttribute('k'.repeat(1_024), 1).end()
    assert.deepEqual(Object.keys(sink.one().attributes), ['__proto__', 'k'.repeat(1_024)])
  })

  it('pushes a new attribute without looking', () => {
    const span = tracer.startSpan('a')
    span.pushAttribute('a', 1)
    span.pushAttribute('b', 'x'.repeat(9_000))
    span.end()
    assert.deepEqual(sink.one().attributes, { a: 1, b: 'x'.repeat(8_192) })
  })
})

describe('events', () => {
  it('takes a name, attributes and a time, in the order added', () => {
    tracer
      .startSpan('a')
      .addEvent('plain')
      .addEvent('attributes', { a: 1 })
      .addEvent('time', new Date(1_700_000_000_123))
      .addEvent('both', { a: 1 }, [1_700_000_000, 5])
      .end()
    const [plain, attributes, time, both] = sink.one().events
    assert.equal(plain?.name, 'plain')
    assert.deepEqual(plain?.attributes, {})
    assert.ok(Math.abs((plain?.timeSeconds ?? 0) - Date.now() / 1_000) < 5)
    assert.deepEqual(attributes?.attributes, { a: 1 })
    assert.deepEqual([time?.timeSeconds, time?.timeNanos], [1_700_000_000, 123_000_000])
    assert.deepEqual([both?.timeSeconds, both?.timeNanos, both?.attributes], [1_700_000_000, 5, { a: 1 }])
  })
})

describe('links', () => {
  const context = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }

  it('are taken at start and later', () => {
    const traceState = {
      serialize: () => 'k=v',
      get: () => 'v',
      set: () => traceState,
      unset: () => traceState,
    }
    tracer
      .startSpan('a', { links: [{ context, attributes: { a: 1 } }] })
      .addLink({ context: { ...context, isRemote: true, traceState } })
      .addLinks([{ context }, { context }])
      .end()
    const { links } = sink.one()
    assert.equal(links.length, 4)
    assert.deepEqual(
      [links[0]?.traceId, links[0]?.spanId, links[0]?.attributes],
      [context.traceId, context.spanId, { a: 1 }],
    )
    assert.deepEqual([links[1]?.isRemote, links[1]?.traceState, links[1]?.traceFlags], [true, 'k=v', 1])
  })

  it('that point nowhere are recorded only when they say something', () => {
    const zero = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 }
    tracer
      .startSpan('a')
      .addLink({ context: zero })
      .addLink({ context: zero, attributes: { a: 1 } })
      .end()
    assert.deepEqual(
      sink.one().links.map((link) => link.attributes),
      [{ a: 1 }],
    )
  })

  it('without a usable context are dropped alone', () => {
    const bad = [null, undefined, 1, {}, { context: null }, { context: { traceId: 'xyz', spanId: 1 } }]
    tracer
      .startSpan('a', { links: [...bad, { context }] as never })
      .addLinks(bad as never)
      .end()
    assert.equal(sink.one().links.length, 1)
  })
})

describe('status', () => {
  const UNSET = { code: SpanStatusCode.UNSET }
  const OK = { code: SpanStatusCode.OK }
  const ERROR = { code: SpanStatusCode.ERROR, message: 'broken' }

  it('follows the order Ok > Error > Unset, and only an error has a message', () => {
    const cases = [
      { calls: [UNSET], expected: [0, undefined] },
      { calls: [{ ...OK, message: 'ignored' }], expected: [1, undefined] },
      { calls: [ERROR], expected: [2, 'broken'] },
      { calls: [ERROR, UNSET], expected: [2, 'broken'] },
      { calls: [ERROR, OK], expected: [1, undefined] },
      { calls: [OK, ERROR], expected: [1, undefined] },
      { calls: [OK, UNSET], expected: [1, undefined] },
      { calls: [ERROR, { ...ERROR, message: 'again' }], expected: [2, 'again'] },
      { calls: [{ ...ERROR, message: 42 as never }], expected: [2, undefined] },
      { calls: [{ code: 7 as never }], expected: [0, undefined] },
    ]
    for (const { calls, expected } of cases) {
      const span = tracer.startSpan('a')
      for (const status of calls) span.setStatus(status)
      span.end()
      const seen = sink.one()
      assert.deepEqual([seen.statusCode, seen.statusMessage], expected, JSON.stringify(calls))
    }
  })
})

describe('recordException', () => {
  class CardError extends Error {}
  const system = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  const named = Object.assign(new Error('m'), { name: 'AbortError', code: 20 })

  it('says type, message and stack of whatever was thrown', () => {
    const cases: [thrown: unknown, type: string | undefined, message: string | undefined][] = [
      [new TypeError('t'), 'TypeError', 't'],
      [new CardError('c'), 'CardError', 'c'],
      [new Error('e'), 'Error', 'e'],
      [system, 'ECONNREFUSED', 'refused'],
      [named, 'AbortError', 'm'],
      ['text', undefined, 'text'],
      [42, undefined, '42'],
      [null, undefined, 'null'],
      [undefined, undefined, 'undefined'],
      [Symbol('s'), undefined, 'Symbol(s)'],
      [{ message: 'plain' }, 'Object', 'plain'],
      [{ name: 'Custom' }, 'Custom', undefined],
      [Object.create(null), undefined, undefined],
    ]
    for (const [thrown, type, message] of cases) {
      const span = tracer.startSpan('a')
      span.recordException(thrown, new Date(1_700_000_000_000))
      span.end()
      const seen = sink.one()
      const event = seen.events[0]
      assert.equal(event?.name, 'exception')
      assert.equal(event.timeSeconds, 1_700_000_000)
      assert.equal(event.attributes['exception.type'], type)
      assert.equal(event.attributes['exception.message'], message)
      const stack = thrown instanceof Error ? thrown.stack : undefined
      assert.equal(event.attributes['exception.stacktrace'], stack)
      assert.equal(seen.statusCode, SpanStatusCode.UNSET)
    }
  })
})

describe('fail', () => {
  it('records the exception once, sets status and error.type', () => {
    const error = new RangeError('too far')
    const span = tracer.startSpan('a')
    span.recordException(error)
    span.fail(error)
    span.fail(error)
    span.end()
    const seen = sink.one()
    assert.equal(seen.events.length, 1)
    assert.deepEqual([seen.statusCode, seen.statusMessage], [SpanStatusCode.ERROR, 'too far'])
    assert.equal(seen.attributes['error.type'], 'RangeError')
  })

  it('leaves what the app has set itself', () => {
    const span = tracer.startSpan('a', { attributes: { 'error.type': 'declined' } })
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'card declined' })
    span.fail(new Error('x'))
    span.end()
    const seen = sink.one()
    assert.equal(seen.statusMessage, 'card declined')
    assert.equal(seen.attributes['error.type'], 'declined')
  })

  it('takes the error type of the caller, and has one for anything', () => {
    for (const [thrown, given, expected] of [
      [new Error('x'), '500', '500'],
      ['text', undefined, '_OTHER'],
      [undefined, undefined, '_OTHER'],
    ]) {
      const span = tracer.startSpan('a')
      span.fail(thrown, given as string | undefined)
      span.end()
      const seen = sink.one()
      assert.equal(seen.attributes['error.type'], expected)
      assert.equal(seen.events.length, 1)
    }
  })
})
