import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, before, describe, test } from 'node:test'
import {
  activeContext,
  BaggageList,
  baggageOf,
  bindEmitter,
  callInContext,
  contextManager,
  isTracingSuppressed,
  type Operation,
  operationOf,
  recordError,
  rootContext,
  runInContext,
  spanOf,
  suppressTracing,
  withBaggage,
  withOperation,
  withSpan,
} from '@hashira/core'
import { context, createContextKey, propagation, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api'

const span = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 })
const KEY = createContextKey('a key of a test')

describe('the context', () => {
  test('is immutable', () => {
    const one = withSpan(rootContext, span)
    const two = one.setValue(KEY, 1)
    assert.equal(spanOf(rootContext), undefined)
    assert.equal(one.getValue(KEY), undefined)
    assert.equal(two.getValue(KEY), 1)
    assert.equal(spanOf(two), span)
    assert.equal(two.deleteValue(KEY).getValue(KEY), undefined)
    assert.equal(two.getValue(KEY), 1)
    assert.equal(spanOf(withSpan(two, undefined)), undefined)
  })

  test('baggage, suppression and the operation each have their place', () => {
    const operation: Operation = { recordError: () => undefined }
    const baggage = new BaggageList()
    const full = suppressTracing(withBaggage(withOperation(rootContext, span, operation), baggage))
    assert.equal(spanOf(full), span)
    assert.equal(operationOf(full), operation)
    assert.equal(baggageOf(full), baggage)
    assert.equal(isTracingSuppressed(full), true)
    const next = withOperation(full, undefined, operation)
    assert.equal(spanOf(next), undefined)
    assert.equal(baggageOf(next), baggage)
  })

  test('works on a context that is not ours', () => {
    const operation: Operation = { recordError: () => undefined }
    const foreign = withOperation(ROOT_CONTEXT.setValue(KEY, 1), span, operation)
    assert.equal(spanOf(foreign), span)
    assert.equal(operationOf(foreign), operation)
    assert.equal(foreign.getValue(KEY), 1)
  })

  test('is active in what is called and in what that starts, and nowhere else', async () => {
    const inside = withSpan(rootContext, span)
    const later = runInContext(inside, async () => {
      await new Promise(setImmediate)
      return activeContext()
    })
    assert.equal(activeContext(), rootContext)
    assert.equal(await later, inside)
    assert.equal(
      callInContext(inside, (text: string) => (spanOf() === span ? text : ''), 'x'),
      'x',
    )
  })

  test('requests that overlap keep their own', async () => {
    const seen = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        runInContext(rootContext.setValue(KEY, i), async () => {
          for (let turn = 0; turn < i % 5; turn++) await new Promise(setImmediate)
          return activeContext().getValue(KEY)
        }),
      ),
    )
    assert.deepEqual(
      seen,
      Array.from({ length: 50 }, (_, i) => i),
    )
  })
})

describe('recordError', () => {
  const failing: Operation = {
    recordError: () => {
      throw new Error('broken')
    },
  }
  test('goes to the operation, else to the span, and never throws', () => {
    const recorded: unknown[] = []
    const operation: Operation = { recordError: (error) => recorded.push(['operation', error]) }
    const recording = {
      recordException: (error: unknown) => recorded.push(['span', error]),
    } as unknown as Span
    runInContext(withOperation(rootContext, recording, operation), () => recordError(1))
    runInContext(withSpan(rootContext, recording), () => recordError(2))
    runInContext(withOperation(rootContext, recording, failing), () => recordError(3))
    recordError(4)
    assert.deepEqual(recorded, [
      ['operation', 1],
      ['span', 2],
    ])
  })
})

describe('the context manager of @opentelemetry/api', () => {
  before(() => {
    assert.equal(context.setGlobalContextManager(contextManager), true)
  })

  test('both see the same active span and baggage', () => {
    const baggage = propagation.createBaggage({ a: { value: '1' } })
    context.with(propagation.setBaggage(trace.setSpan(context.active(), span), baggage), () => {
      assert.equal(spanOf(), span)
      assert.equal(baggageOf(), baggage)
    })
    runInContext(withSpan(rootContext, span), () => {
      assert.equal(trace.getActiveSpan(), span)
      assert.equal(trace.deleteSpan(context.active()).getValue(KEY), undefined)
    })
    assert.equal(trace.getActiveSpan(), undefined)
  })

  test('a context made from ROOT_CONTEXT is kept as it is', () => {
    const foreign = trace.setSpan(ROOT_CONTEXT.setValue(KEY, 1), span)
    context.with(foreign, () => {
      assert.equal(context.active(), foreign)
      assert.equal(spanOf(), span)
      assert.equal(activeContext().getValue(KEY), 1)
    })
  })

  test('with passes this, arguments, the result and what is thrown', () => {
    const target = { factor: 2 }
    const result = context.with(
      rootContext,
      function (this: typeof target, n: number) {
        return this.factor * n
      },
      target,
      21,
    )
    assert.equal(result, 42)
    assert.throws(
      () =>
        context.with(rootContext, () => {
          throw new TypeError('x')
        }),
      TypeError,
    )
    assert.equal(
      contextManager.with(undefined as never, () => activeContext()),
      rootContext,
    )
  })

  test('bind: functions keep this, arguments, name and length', () => {
    const bound = context.bind(
      withSpan(rootContext, span),
      function add(this: { c: number }, a: number, b: number) {
        assert.equal(spanOf(), span)
        return a + b + this.c
      },
    )
    assert.equal(bound.call({ c: 3 }, 1, 2), 6)
    assert.equal(bound.name, 'add')
    assert.equal(bound.length, 2)
  })

  test('bind: other values come back', () => {
    for (const value of [1, 'x', null, undefined, {}]) assert.equal(context.bind(rootContext, value), value)
  })

  test('bind: listeners of an emitter run in the context whenever they were added', () => {
    const emitter = new EventEmitter()
    const seen: (Span | undefined)[] = []
    emitter.on('x', () => seen.push(spanOf()))
    context.bind(withSpan(rootContext, span), emitter)
    emitter.once('x', () => seen.push(spanOf()))
    assert.equal(emitter.emit('x', 1), true)
    assert.equal(emitter.emit('y'), false)
    assert.deepEqual(seen, [span, span])
  })

  test('binding an emitter again replaces the context and adds nothing', () => {
    const emitter = bindEmitter(rootContext, new EventEmitter())
    const { emit } = emitter
    bindEmitter(withSpan(rootContext, span), emitter)
    assert.equal(emitter.emit, emit)
    let seen: Span | undefined
    emitter.on('x', () => {
      seen = spanOf()
    })
    emitter.emit('x')
    assert.equal(seen, span)
  })

  test('enable and disable leave everything as it is', () => {
    assert.equal(contextManager.enable(), contextManager)
    assert.equal(contextManager.disable(), contextManager)
  })
})

describe('a real server', () => {
  const server = createServer((request, response) => {
    const id = request.url
    runInContext(rootContext.setValue(KEY, id), () => {
      bindEmitter(activeContext(), request)
      request.resume()
      request.on('end', () => response.end(String(activeContext().getValue(KEY))))
    })
  })
  afterEach(() => server.close())

  test('keep-alive requests each have their own context', async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const [response] = await once(
          get({ port, host: '127.0.0.1', path: `/${i}`, agent: false }),
          'response',
        )
        let body = ''
        for await (const chunk of response) body += chunk
        return body
      }),
    )
    assert.deepEqual(
      answers,
      Array.from({ length: 20 }, (_, i) => `/${i}`),
    )
  })
})
