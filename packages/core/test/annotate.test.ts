import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  annotate,
  faultCounts,
  fieldsOf,
  forgetFields,
  type Operation,
  passFieldsOn,
  rootContext,
  runInContext,
  withOperation,
  withSpan,
} from '@hashira/core'
import { type AttributeValue, INVALID_SPAN_CONTEXT, type Span, trace } from '@opentelemetry/api'
import fc from 'fast-check'

const SPAN_CONTEXT = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 }

/** A span that notes what is set on it. */
function noting(): Span & { readonly set: Record<string, unknown> } {
  const set: Record<string, unknown> = {}
  const span = trace.wrapSpanContext({ ...SPAN_CONTEXT })
  return Object.assign(span, {
    set,
    setAttribute(key: string, value: AttributeValue) {
      set[key] = value
      return span
    },
  })
}

function request(): { operation: Operation; context: ReturnType<typeof withOperation> } {
  const operation: Operation = { recordError: () => undefined }
  return { operation, context: withOperation(rootContext, noting(), operation) }
}

function annotated(...given: unknown[]): Record<string, unknown> {
  const { context, operation } = request()
  runInContext(context, () => {
    for (const fields of given) annotate(fields as Parameters<typeof annotate>[0])
  })
  return Object.fromEntries(
    (operation.fields?.texts ?? []).map(({ key, member }) => [key, JSON.parse(`{${member.slice(1)}}`)[key]]),
  )
}

function faults(reason: string, during: () => void): number {
  const before = faultCounts().get(reason) ?? 0
  during()
  return (faultCounts().get(reason) ?? 0) - before
}

describe('annotate in a request', () => {
  test('fields go to the current span, to the request and to its own span', () => {
    const [own, inner] = [noting(), noting()]
    const operation: Operation = { span: own, recordError: () => undefined }
    const context = withOperation(rootContext, own, operation)
    runInContext(withSpan(context, inner), () => annotate({ 'tenant.id': 'acme', seats: 3 }))
    assert.deepEqual(inner.set, { 'tenant.id': 'acme', seats: 3 })
    assert.deepEqual(own.set, { 'tenant.id': 'acme', seats: 3 })
    assert.deepEqual(fieldsOf(context)?.flat, ['tenant.id', 'acme', 'seats', 3])
  })

  test('later calls add and replace, and change nothing of what was read before', () => {
    const { context } = request()
    runInContext(context, () => annotate({ a: 1, b: 1 }))
    const before = fieldsOf(context)
    runInContext(context, () => annotate({ b: 2, c: 3 }))
    assert.deepEqual(fieldsOf(context)?.flat, ['a', 1, 'b', 2, 'c', 3])
    assert.deepEqual(before?.flat, ['a', 1, 'b', 1])
  })

  test('texts, finite numbers, booleans and arrays of one of them; undefined says nothing', () => {
    const fields = {
      text: 'ä"\\\n',
      n: 1.5,
      yes: true,
      list: ['a', 'b'],
      ns: [1, 2],
      none: [],
      not: undefined,
    }
    assert.equal(
      faults('annotation', () =>
        assert.deepEqual(annotated(fields), {
          text: 'ä"\\\n',
          n: 1.5,
          yes: true,
          list: ['a', 'b'],
          ns: [1, 2],
          none: [],
        }),
      ),
      0,
    )
  })

  test('what cannot be a field is dropped alone and counted', () => {
    const bad = {
      nan: Number.NaN,
      infinite: Number.POSITIVE_INFINITY,
      nothing: null,
      big: 1n,
      fn: () => 1,
      symbol: Symbol('s'),
      object: { a: 1 },
      mixed: ['a', 1],
      holes: [null],
      '': 'no name',
      ['k'.repeat(257)]: 'long name',
      get thrower(): string {
        throw new Error('no')
      },
      fine: 'kept',
    }
    const count = faults('annotation', () => assert.deepEqual(annotated(bad), { fine: 'kept' }))
    assert.equal(count, Object.keys(bad).length - 1)
  })

  test('anything at all never throws', () => {
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no')
        },
      },
    )
    const revoked = Proxy.revocable({}, {})
    revoked.revoke()
    for (const given of [undefined, null, 1, 'text', [], [1], hostile, revoked.proxy, Symbol('s'), () => 1]) {
      assert.equal(
        faults('annotation', () => assert.deepEqual(annotated(given), {})),
        1,
      )
    }
    fc.assert(
      fc.property(
        fc.object({ withBigInt: true, withDate: true, withNullPrototype: true, withSparseArray: true }),
        (given) => {
          annotated(given)
        },
      ),
      { verbose: 1 },
    )
  })

  test('keys are ordinary ones, whatever they are called', () => {
    const fields = JSON.parse('{"__proto__":"p","constructor":"c","\\"},{\\"":1,"\\ud800":2,"":3}') as object
    assert.deepEqual(Object.entries(annotated(fields)), [
      ['__proto__', 'p'],
      ['constructor', 'c'],
      ['"},{"', 1],
      ['\ud800', 2],
    ])
  })

  test('64 fields, in one call and over several', () => {
    const many = (from: number, to: number) =>
      Object.fromEntries(Array.from({ length: to - from }, (_, i) => [`k${from + i}`, i]))
    assert.equal(
      faults('annotation_limit', () => assert.equal(Object.keys(annotated(many(0, 1_000))).length, 64)),
      1,
    )
    const spread = annotated(many(0, 40), many(40, 80), { k0: 'replaced', k79: 'too much' })
    assert.equal(Object.keys(spread).length, 64)
    assert.equal(spread['k0'], 'replaced')
    assert.equal(spread['k79'], undefined)
  })

  test('long texts are cut, not through a surrogate pair, and the caller’s array is not kept', () => {
    const list = ['a'.repeat(2_000), 'b']
    const fields = annotated({
      long: 'x'.repeat(5_000),
      pair: `${'x'.repeat(1_023)}😀`,
      list,
      numbers: Array(100).fill(1),
    })
    assert.equal((fields['long'] as string).length, 1_024)
    assert.equal(fields['pair'], 'x'.repeat(1_023))
    assert.deepEqual(fields['list'], ['a'.repeat(1_024)])
    assert.equal((fields['numbers'] as number[]).length, 64)
    const { context, operation } = request()
    const own = [1]
    runInContext(context, () => annotate({ own }))
    own.push(2)
    assert.deepEqual(operation.fields?.flat[1], [1])
    assert.ok(Object.isFrozen(operation.fields?.flat[1]))
  })

  test('requests at the same time do not mix', async () => {
    const both = [request(), request()]
    await Promise.all(
      both.map(({ context }, index) =>
        runInContext(context, async () => {
          annotate({ first: index })
          await new Promise(setImmediate)
          annotate({ second: index })
        }),
      ),
    )
    for (const [index, { operation }] of both.entries())
      assert.deepEqual(operation.fields?.flat, ['first', index, 'second', index])
  })
})

describe('annotate outside of a request', () => {
  test('fields belong to the current span and to those that go on with them, until they end', () => {
    const [outer, inner] = [noting(), noting()]
    const outerContext = withSpan(rootContext, outer)
    const innerContext = withSpan(rootContext, inner)
    runInContext(outerContext, () => annotate({ job: 'nightly' }))
    assert.deepEqual(outer.set, { job: 'nightly' })
    assert.equal(fieldsOf(innerContext), undefined)
    passFieldsOn(outerContext, inner, fieldsOf(outerContext)!)
    runInContext(innerContext, () => annotate({ step: 2 }))
    assert.deepEqual(fieldsOf(innerContext)?.flat, ['job', 'nightly', 'step', 2])
    assert.deepEqual(fieldsOf(outerContext)?.flat, ['job', 'nightly'])
    forgetFields(outer)
    assert.equal(fieldsOf(outerContext), undefined)
    assert.deepEqual(fieldsOf(innerContext)?.flat, ['job', 'nightly', 'step', 2])
  })

  test('without a span, or with one that has no ids, nobody gets any', () => {
    const invalid = trace.wrapSpanContext(INVALID_SPAN_CONTEXT)
    annotate({ a: 1 })
    runInContext(withSpan(rootContext, invalid), () => annotate({ a: 1 }))
    assert.equal(fieldsOf(rootContext), undefined)
    assert.equal(fieldsOf(withSpan(rootContext, invalid)), undefined)
  })
})
