// Hashira's context through a namespace's run, bind and bindEmitter, and values of the namespace on spans.
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { describe, test } from 'node:test'
import { observeNamespace } from '@hashira/cls-hooked'
import { contextCarrier, faultCounts, rootContext, runInContext, spanOf, withSpan } from '@hashira/core'
import type { Attributes, Span } from '@opentelemetry/api'
import { trace } from '@opentelemetry/api'
import { libraries } from './libraries'

function spanWith(attributes: Attributes): Span {
  const span = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 })
  const record = (given: Attributes) => {
    Object.assign(attributes, given)
    return span
  }
  return Object.assign(span, {
    setAttributes: record,
    setAttribute: (k: string, v: string) => record({ [k]: v }),
  })
}

function inRequest<T>(fn: () => T): T {
  return runInContext(withSpan(rootContext, spanWith({})), fn)
}

for (const [name, cls] of libraries) {
  describe(name, () => {
    test('a request runs through run, runPromise, bind and bindEmitter', async () => {
      const ns = cls.createNamespace('through')
      const stop = observeNamespace(ns)
      const seen: Record<string, boolean> = {}
      const note = (place: string) => {
        seen[place] = spanOf() !== undefined
      }
      const emitter = new EventEmitter()
      ns.bindEmitter(emitter)
      let bound = () => {}
      await inRequest(() =>
        ns.runPromise(async () => {
          ns.set('id', 7)
          note('runPromise')
          await null
          note('after await')
          ns.run(() => note('run'))
          bound = ns.bind(() => note('bind'))
          emitter.on('event', () => note('on'))
          emitter.once('event', () => note(`once, with ${ns.get('id')}`))
          emitter.prependOnceListener('event', () => note('prependOnce'))
          emitter.prependListener('event', () => note('prepend'))
        }),
      )
      assert.equal(spanOf(), undefined)
      bound()
      emitter.emit('event')
      assert.equal(emitter.listenerCount('event'), 2)
      const places = [
        'runPromise',
        'after await',
        'run',
        'bind',
        'on',
        'once, with 7',
        'prependOnce',
        'prepend',
      ]
      assert.deepEqual(seen, Object.fromEntries(places.map((place) => [place, true])))
      stop()
    })

    test('allowed values become attributes, under their own or another name; the others do not', () => {
      const ns = cls.createNamespace('fields')
      const stop = observeNamespace(ns, {
        fields: { tenant: 'tenant.id', beta: 'beta', tags: 'tags', when: 'when' },
      })
      const attributes: Attributes = {}
      const before = faultCounts().get('annotation') ?? 0
      runInContext(withSpan(rootContext, spanWith(attributes)), () =>
        ns.run(() => {
          assert.equal(ns.set('tenant', 'acme'), 'acme')
          ns.set('password', 'secret')
          ns.set('beta', true)
          ns.set('tags', ['a', 'b'])
          ns.set('when', new Date())
          ns.set('when', undefined)
          assert.equal(ns.get('password'), 'secret')
        }),
      )
      assert.deepEqual(attributes, { 'tenant.id': 'acme', beta: true, tags: ['a', 'b'] })
      assert.equal(faultCounts().get('annotation'), before + 1)
      ns.run(() => ns.set('tenant', 'outside of a request'))
      stop()
      runInContext(withSpan(rootContext, spanWith(attributes)), () =>
        ns.run(() => ns.set('tenant', 'undone')),
      )
      assert.equal(attributes['tenant.id'], 'acme')
    })

    test('a list of keys', () => {
      const ns = cls.createNamespace('list')
      observeNamespace(ns, { fields: ['tenant'] })
      const attributes: Attributes = {}
      runInContext(withSpan(rootContext, spanWith(attributes)), () => ns.run(() => ns.set('tenant', 'acme')))
      assert.deepEqual(attributes, { tenant: 'acme' })
    })

    test('bad fields are a coded error', () => {
      const ns = cls.createNamespace('bad')
      for (const fields of ['tenant', [''], [7], { a: 1 }, null]) {
        assert.throws(() => observeNamespace(ns, { fields } as never), /"fields" is .*HASHIRA_OPTION_INVALID/)
      }
    })
  })
}

test('a namespace of ours carries the request by itself, also through bind and bindEmitter', () => {
  const [, cls] = libraries[1]!
  const ns = cls.createNamespace('own')
  const emitter = new EventEmitter()
  ns.bindEmitter(emitter)
  const seen: unknown[] = []
  let bound = () => {}
  inRequest(() =>
    ns.run(() => {
      bound = ns.bind(() => seen.push(contextCarrier()['traceparent'] !== undefined))
      emitter.on('event', () => seen.push(spanOf() !== undefined))
    }),
  )
  bound()
  emitter.emit('event')
  assert.deepEqual(seen, [true, true])
})
