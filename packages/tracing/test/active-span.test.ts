import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { rootContext, runInContext, spanOf, withSpan } from '@hashira/core'
import { disableTracing, type HashiraSpan, tracer } from '@hashira/tracing'
import { type Context, createContextKey, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { record, type SeeingSink } from './support'

let sink: SeeingSink
beforeEach(() => {
  sink = record()
})

const remote = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1, isRemote: true }
const parent = withSpan(rootContext, trace.wrapSpanContext(remote))

describe('startActiveSpan', () => {
  it('runs the function with the span active, returns its result and leaves the end to it', () => {
    const result = tracer.startActiveSpan('a', (span) => {
      assert.equal(spanOf(), span)
      return span
    })
    assert.equal(spanOf(), undefined)
    assert.equal(result.isRecording(), true)
    result.end()
    assert.equal(sink.one().name, 'a')
  })

  it('takes options and a context, whose other values stay', () => {
    const key = createContextKey('test')
    tracer.startActiveSpan('a', { kind: SpanKind.CLIENT }, (span) => span.end())
    assert.equal(sink.one().kind, SpanKind.CLIENT)
    tracer.startActiveSpan('a', {}, parent.setValue(key, 'kept'), (span) => {
      runInContext(withSpan(parent, span), () => undefined)
      span.end()
    })
    assert.equal(sink.one().parentSpanId, remote.spanId)
  })

  it('passes a throw on, and does nothing without a function', () => {
    const error = new Error('mine')
    assert.throws(
      () =>
        tracer.startActiveSpan('a', () => {
          throw error
        }),
      error,
    )
    assert.equal(tracer.startActiveSpan('a', undefined as never), undefined)
    assert.equal((tracer.startActiveSpan as (name: string) => unknown)('a'), undefined)
  })

  it('falls back to the active context when it is given none', () => {
    for (const context of [null, undefined, {}, 42, 'x', Object.create(null)]) {
      runInContext(parent, () =>
        tracer.startActiveSpan('a', null as never, context as Context, (span) => span.end()),
      )
      assert.equal(sink.one().parentSpanId, remote.spanId)
    }
  })
})

describe('span', () => {
  it('ends with the function, and returns its value', () => {
    const value = { any: 'value' }
    const result = tracer.span('a', { kind: SpanKind.PRODUCER, attributes: { a: 1 } }, (span) => {
      assert.equal(spanOf(), span)
      assert.equal(sink.spans.length, 0)
      return value
    })
    assert.equal(result, value)
    const seen = sink.one()
    assert.deepEqual([seen.kind, seen.attributes, seen.statusCode], [SpanKind.PRODUCER, { a: 1 }, 0])
  })

  it('ends with the promise, and is the parent of what runs inside', async () => {
    const value = { any: 'value' }
    const promise = tracer.span('outer', async () => {
      await delay(1)
      await tracer.span('inner', async () => delay(1))
      return value
    })
    assert.ok(promise instanceof Promise)
    assert.equal(sink.spans.length, 0)
    assert.equal(await promise, value)
    const [inner, outer] = sink.spans
    assert.deepEqual([inner?.name, outer?.name], ['inner', 'outer'])
    assert.equal(inner?.parentSpanId, outer?.spanId)
    assert.equal(spanOf(), undefined)
  })

  it('records a throw and a rejection once, and passes the same error on', async () => {
    const errors = [new RangeError('mine'), 'text', undefined, { code: 'E' }]
    for (const error of errors) {
      for (const fn of [thrower(error), async () => thrower(error)()]) {
        let caught: { error: unknown } | undefined
        try {
          await tracer.span('a', fn)
        } catch (thrown) {
          caught = { error: thrown }
        }
        assert.ok(caught !== undefined && Object.is(caught.error, error))
        const seen = sink.one()
        assert.equal(seen.statusCode, SpanStatusCode.ERROR)
        assert.equal(seen.events.length, 1)
        assert.equal(typeof seen.attributes['error.type'], 'string')
      }
    }
  })

  it('does not report twice what the function has recorded', () => {
    const error = new Error('mine')
    assert.throws(
      () =>
        tracer.span('a', (span) => {
          span.recordException(error)
          throw error
        }),
      error,
    )
    assert.equal(sink.one().events.length, 1)
  })

  it('may be ended by the function itself', async () => {
    await tracer.span('a', async (span) => span.end())
    assert.throws(() => tracer.span('b', endThenThrow), /late/)
    assert.deepEqual(
      sink.spans.map((span) => [span.name, span.statusCode]),
      [
        ['a', 0],
        ['b', 0],
      ],
    )
  })

  it('leaves an unhandled rejection to the process, as it is without us', async () => {
    const error = new Error('nobody waits for this')
    const seen = new Promise((resolve) => {
      const others = process.listeners('unhandledRejection')
      process.removeAllListeners('unhandledRejection')
      process.once('unhandledRejection', (reason) => {
        for (const listener of others) process.on('unhandledRejection', listener)
        resolve(reason)
      })
    })
    void tracer.span('a', async () => {
      throw error
    })
    assert.equal(await seen, error)
    assert.equal(sink.one().events.length, 1)
  })

  it('keeps the kind of a promise, and starts the work of a lazy thenable once', async () => {
    class OwnPromise<T> extends Promise<T> {}
    const own = tracer.span('own', () => OwnPromise.resolve(1))
    assert.ok(own instanceof OwnPromise)
    assert.equal(await own, 1)
    let started = 0
    const query: PromiseLike<string> = {
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
      then(resolve, reject) {
        started++
        return Promise.resolve('rows').then(resolve, reject)
      },
    }
    assert.equal(await tracer.span('query', () => query), 'rows')
    assert.equal(started, 1)
    assert.deepEqual(
      sink.spans.map((span) => span.name),
      ['own', 'query'],
    )
  })

  it('returns what can’t be looked at as it is', () => {
    const throwing = Object.defineProperty({}, 'then', {
      get() {
        throw new Error('getter')
      },
    })
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    for (const value of [throwing, proxy, null, undefined, 0, () => 1]) {
      assert.equal(
        tracer.span('a', () => value),
        value,
      )
      sink.one()
    }
  })

  it('runs the function while tracing is off', async () => {
    disableTracing()
    const seen: boolean[] = []
    const fn = (span: HashiraSpan) => {
      seen.push(span.isRecording())
      return 'done'
    }
    assert.equal(tracer.span('a', fn), 'done')
    assert.equal(await tracer.span('a', async (span) => fn(span)), 'done')
    assert.throws(() => tracer.span('a', thrower(new Error('mine'))), /mine/)
    assert.deepEqual(seen, [false, false])
    assert.equal(tracer.span('a', undefined as never), undefined)
    assert.equal(tracer.span('a', null as never, fn), 'done')
  })
})

function thrower(error: unknown): () => never {
  return () => {
    throw error
  }
}

function endThenThrow(span: HashiraSpan): never {
  span.end()
  throw new Error('late')
}
