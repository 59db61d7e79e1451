import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { rootContext, runInContext, withSpan } from '@hashira/core'
import { disableTracing, type HashiraSpan, spanCounts, tracer } from '@hashira/tracing'
import type { Context, Span } from '@opentelemetry/api'
import fc from 'fast-check'
import { record, type SeeingSink } from './support'

let sink: SeeingSink
beforeEach(() => {
  sink = record()
})

/** Values that break naive code, made anew: some are used up by looking at them. */
const hostile: Record<string, () => unknown> = {
  undefined: () => undefined,
  null: () => null,
  NaN: () => Number.NaN,
  'a BigInt': () => 2n ** 70n,
  'a Symbol': () => Symbol('x'),
  'a function': () => () => 1,
  'a lone surrogate': () => 'a\ud800b',
  '64 MB of text': () => 'x'.repeat(2 ** 26),
  '64 MB of array': () => new Array(2 ** 16).fill('x'.repeat(1_024)),
  'a sparse array': () => new Array(2 ** 32 - 1),
  'a cyclic object': () => {
    const object: Record<string, unknown> = {}
    object['self'] = object
    return object
  },
  'a cyclic array': () => {
    const array: unknown[] = []
    array.push(array)
    return array
  },
  'an object 20,000 deep': () => {
    let object: object = {}
    for (let i = 0; i < 20_000; i++) object = { object }
    return object
  },
  'an array 20,000 deep': () => {
    let array: unknown[] = []
    for (let i = 0; i < 20_000; i++) array = [array]
    return array
  },
  'own __proto__ and constructor': () =>
    JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2, "a": 1}'),
  'no prototype': () => Object.create(null),
  'throwing getters': () => new Thrower(),
  'a throwing toJSON and toString': () => ({
    toJSON: fail,
    toString: fail,
    valueOf: fail,
    [Symbol.toPrimitive]: fail,
  }),
  'a throwing Proxy': () => new Proxy({}, { get: fail, ownKeys: fail, has: fail, getPrototypeOf: fail }),
  'a throwing Proxy of an array': () => new Proxy([1, 2], { get: fail }),
  'a throwing Proxy of a function': () => new Proxy(() => 1, { get: fail, apply: fail }),
  'a revoked Proxy': () => revoked({}),
  'a revoked Proxy of an array': () => revoked([]),
  'an array that claims to be endless': () =>
    new Proxy([1], {
      get: (target, key) => (key === 'length' ? Number.POSITIVE_INFINITY : Reflect.get(target, key)),
    }),
  'an array with a throwing element': () => Object.defineProperty([1], 0, { get: fail }),
  'an iterator that never ends': () => ({
    [Symbol.iterator]: () => ({ next: () => ({ value: 1, done: false }) }),
  }),
  'an invalid Date': () => new Date(Number.NaN),
  'a Date that lies': () => Object.assign(new Date(), { getTime: fail, valueOf: fail }),
  '100,000 keys': () => Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i])),
  'an error with a throwing stack': () => Object.defineProperty(new Error('x'), 'stack', { get: fail }),
  'an error with a throwing everything': () => new Proxy(new Error('x'), { get: fail }),
  'an error with odd parts': () =>
    Object.assign(new Error('x'), { name: {}, message: 4, code: Symbol('x'), stack: [] }),
}

function fail(): never {
  throw new Error('hostile')
}

class Thrower {
  constructor() {
    for (const key of [
      'a',
      'message',
      'stack',
      'name',
      'code',
      'context',
      'attributes',
      'kind',
      'startTime',
      'root',
      'links',
    ]) {
      Object.defineProperty(this, key, { get: fail, enumerable: true })
    }
    Object.defineProperty(this, 'then', { get: fail })
  }
}

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

/** Every way to give a value to a span. */
const calls: Record<string, (span: HashiraSpan, bad: never) => void> = {
  'setAttribute value': (span, bad) => span.setAttribute('bad', bad),
  'setAttribute key': (span, bad) => span.setAttribute(bad, 1),
  setAttributes: (span, bad) => span.setAttributes(bad),
  'setAttributes value': (span, bad) => span.setAttributes({ bad, after: 1 }),
  'addEvent name': (span, bad) => span.addEvent(bad),
  'addEvent attributes': (span, bad) => span.addEvent('e', bad),
  'addEvent attribute value': (span, bad) => span.addEvent('e', { bad }),
  'addEvent time': (span, bad) => span.addEvent('e', { a: 1 }, bad),
  addLink: (span, bad) => span.addLink(bad),
  addLinks: (span, bad) => span.addLinks(bad),
  'addLinks element': (span, bad) => span.addLinks([bad]),
  'addLink context': (span, bad) => span.addLink({ context: bad, attributes: bad }),
  'addLink trace state': (span, bad) => span.addLink({ context: { ...span.spanContext(), traceState: bad } }),
  setStatus: (span, bad) => span.setStatus(bad),
  'setStatus code and message': (span, bad) => span.setStatus({ code: bad, message: bad }),
  'setStatus message': (span, bad) => span.setStatus({ code: 2, message: bad }),
  updateName: (span, bad) => span.updateName(bad),
  recordException: (span, bad) => span.recordException(bad),
  'recordException time': (span, bad) => span.recordException(new Error('x'), bad),
  fail: (span, bad) => span.fail(bad),
  'fail type': (span, bad) => span.fail(new Error('x'), bad),
  end: (span, bad) => span.end(bad),
}

/** Every way to give a value to a tracer; each returns the span. */
const starts: Record<string, (bad: never) => Span> = {
  name: (bad) => tracer.startSpan(bad),
  options: (bad) => tracer.startSpan('a', bad),
  kind: (bad) => tracer.startSpan('a', { kind: bad }),
  attributes: (bad) => tracer.startSpan('a', { attributes: bad }),
  links: (bad) => tracer.startSpan('a', { links: bad }),
  'links element': (bad) => tracer.startSpan('a', { links: [bad] }),
  startTime: (bad) => tracer.startSpan('a', { startTime: bad }),
  root: (bad) => tracer.startSpan('a', { root: bad }),
  context: (bad) => tracer.startSpan('a', {}, bad),
  'span in the context': (bad) => tracer.startSpan('a', {}, withSpan(rootContext, bad)),
  'span context of the parent': (bad) =>
    tracer.startSpan('a', {}, withSpan(rootContext, { spanContext: () => bad } as never)),
  'trace state of the parent': (bad) => {
    const context = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1, traceState: bad }
    return tracer.startSpan('a', {}, withSpan(rootContext, { spanContext: () => context } as never))
  },
  'trace flags of the parent': (bad) => {
    const context = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: bad }
    return tracer.startSpan('a', {}, withSpan(rootContext, { spanContext: () => context } as never))
  },
  'startActiveSpan name': (bad) => tracer.startActiveSpan(bad, (span) => span),
  'startActiveSpan options': (bad) => tracer.startActiveSpan('a', bad, (span: Span) => span),
  'startActiveSpan context': (bad) => tracer.startActiveSpan('a', {}, bad as Context, (span) => span),
  'span name': (bad) => tracer.span(bad, (span) => span),
  'span options': (bad) => tracer.span('a', bad, (span: Span) => span),
}

for (const [what, make] of Object.entries(hostile)) {
  describe(`given ${what}`, () => {
    it('no span method throws, and the span and the one beside it arrive', () => {
      const bad = make() as never
      for (const [name, call] of Object.entries(calls)) {
        const good = tracer.startSpan('good')
        const span = tracer.startSpan('bad', { attributes: { kept: 1 } })
        assert.doesNotThrow(() => call(span, bad), name)
        span.end()
        good.setAttribute('fine', true).end()
        const [first, second] = sink.spans.splice(0)
        assert.equal(first?.attributes['kept'], 1, name)
        assert.deepEqual([second?.name, second?.attributes], ['good', { fine: true }], name)
      }
    })

    it('no tracer method throws, and the next span arrives', () => {
      const bad = make() as never
      for (const [name, start] of Object.entries(starts)) {
        let span: Span | undefined
        assert.doesNotThrow(() => {
          span = start(bad)
        }, name)
        span?.end()
        sink.spans.length = 0
        tracer.startSpan('next').end()
        assert.equal(sink.one().name, 'next', name)
      }
      const { created, ended, open } = spanCounts()
      assert.equal(created, ended + open)
      assert.equal(open, 0)
    })
  })
}

it('a context that fails while the span is put into it still runs the function', () => {
  const broken: Context = { getValue: () => undefined, setValue: fail, deleteValue: fail }
  assert.equal(
    tracer.startActiveSpan('a', {}, broken, () => 'ran'),
    'ran',
  )
  assert.equal(
    runInContext(rootContext, () => tracer.startSpan('a', { root: true }, broken).isRecording()),
    true,
  )
})

it('whatever a span is told, in any order, on or off: nothing throws and a good span beside it arrives', () => {
  const seed = Date.now() % 1_000_000_007
  const value = fc.oneof(
    fc.anything({
      withBigInt: true,
      withDate: true,
      withSparseArray: true,
      withNullPrototype: true,
      withTypedArray: true,
    }),
    fc
      .constantFrom(
        ...Object.entries(hostile)
          .filter(([what]) => !/keys|64 MB|endless|sparse/.test(what))
          .map(([, make]) => make),
      )
      .map((make) => ({ make })),
  )
  const step = fc.tuple(fc.constantFrom(...Object.values(calls)), value)
  const start = fc.tuple(fc.constantFrom(...Object.values(starts)), value)
  const property = fc.property(
    start,
    fc.array(step, { maxLength: 12 }),
    fc.boolean(),
    ([begin, given], steps, off) => {
      sink = record()
      if (off) disableTracing()
      const span = begin(made(given)) as HashiraSpan
      for (const [call, argument] of steps) call(span, made(argument))
      span.end()
      sink = record()
      tracer.startSpan('good', { attributes: { fine: true } }).end()
      assert.deepEqual(sink.one().attributes, { fine: true })
    },
  )
  console.log(`seed ${seed}`)
  fc.assert(property, { seed, numRuns: 1_000 })
})

/** fast-check looks at the values it generates, so a hostile one is made when it is used. */
function made(value: unknown): never {
  const make = (value as { make?: unknown } | null | undefined)?.make
  return (typeof make === 'function' ? make() : value) as never
}
