import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import {
  createPropagator,
  currentPropagator,
  DEFAULT_PROPAGATORS,
  extractContext,
  faultCounts,
  injectHeaders,
  PROPAGATOR_NAMES,
  rootContext,
  setPropagator,
} from '@hashira/core'
import { createContextKey, type TextMapPropagator } from '@opentelemetry/api'

const VALID = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const KEY = createContextKey('propagators test')

function passOn(): string[] {
  const names: string[] = []
  injectHeaders(extractContext({ traceparent: VALID, baggage: 'a=1', 'x-own': '7' }), (name) =>
    names.push(name),
  )
  return names
}

const own: TextMapPropagator = {
  inject: (context, carrier, setter) => setter.set(carrier, 'X-Own', String(context.getValue(KEY))),
  extract: (context, carrier, getter) => context.setValue(KEY, getter.get(carrier, 'X-Own')),
  fields: () => ['X-Own'],
}
const broken: TextMapPropagator = {
  inject() {
    throw new Error('broken')
  },
  extract() {
    throw new Error('broken')
  },
  fields: () => ['traceparent'],
}

afterEach(() => setPropagator(createPropagator(DEFAULT_PROPAGATORS).propagator))

describe('createPropagator', () => {
  const vectors: [names: string[], sent: string[], unknown: string[]][] = [
    [['tracecontext', 'baggage'], ['traceparent', 'baggage'], []],
    [['baggage', 'tracecontext'], ['baggage', 'traceparent'], []],
    [['tracecontext', 'tracecontext'], ['traceparent'], []],
    [['baggage'], ['baggage'], []],
    [['none'], [], []],
    [['none', 'tracecontext'], [], []],
    [[], [], []],
    [['tracecontext', 'smoke-signals'], ['traceparent'], ['smoke-signals']],
    [['constructor'], [], ['constructor']],
  ]
  for (const [names, sent, unknown] of vectors) {
    test(JSON.stringify(names), () => {
      const created = createPropagator(names)
      assert.deepEqual(created.unknown, unknown)
      setPropagator(created.propagator)
      assert.deepEqual(passOn(), sent)
    })
  }
  test('the names that are known', () =>
    assert.deepEqual(PROPAGATOR_NAMES, [
      'tracecontext',
      'baggage',
      'b3',
      'b3multi',
      'jaeger',
      'xray',
      'datadog',
      'ottrace',
      'envoy',
      'none',
    ]))
  test('fields', () =>
    assert.deepEqual(currentPropagator().fields(), ['traceparent', 'tracestate', 'baggage']))
})

describe('setPropagator', () => {
  test('a propagator of one’s own, whatever the case of its header names', () => {
    setPropagator(own)
    assert.equal(extractContext({ 'x-own': '7' }).getValue(KEY), '7')
    assert.equal(extractContext({ traceparent: VALID }), rootContext)
    assert.deepEqual(passOn(), ['X-Own'])
  })
  test('one that throws is never felt', () => {
    const before = faultCounts().get('propagator') ?? 0
    setPropagator(broken)
    assert.equal(extractContext({ traceparent: VALID }), rootContext)
    assert.deepEqual(passOn(), [])
    assert.ok((faultCounts().get('propagator') ?? 0) > before)
  })
})
