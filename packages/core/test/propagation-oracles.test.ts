import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import {
  BaggageList,
  baggageOf,
  contextManager,
  createPropagator,
  currentPropagator,
  DEFAULT_PROPAGATORS,
  extractContext,
  rootContext,
  spanOf,
  withBaggage,
  withSpan,
} from '@hashira/core'
import {
  context as contextApi,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  type TextMapPropagator,
  trace,
} from '@opentelemetry/api'
import { AWSXRayPropagator } from '@opentelemetry/propagator-aws-xray'
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3'
import { JaegerPropagator } from '@opentelemetry/propagator-jaeger'
import { OTTracePropagator } from '@opentelemetry/propagator-ot-trace'
import fc from 'fast-check'
import { type Headers, sent, use } from './propagation-support'

contextApi.setGlobalContextManager(contextManager)
after(() => use(...DEFAULT_PROPAGATORS))

const hex = (length: number) =>
  fc
    .string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
    .filter((id) => !/^0+$/.test(id))

/** The published propagators, by our names. */
const oracles: [name: string, oracle: TextMapPropagator, idBits: 64 | 128][] = [
  ['b3', new B3Propagator(), 128],
  ['b3multi', new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }), 128],
  ['jaeger', new JaegerPropagator(), 128],
  ['xray', new AWSXRayPropagator(), 128],
  ['ottrace', new OTTracePropagator(), 64],
]

for (const [name, oracle, idBits] of oracles) {
  describe(`${name} beside the propagator of OpenTelemetry`, () => {
    const spans = fc.record({ traceId: hex(32), spanId: hex(16), traceFlags: fc.constantFrom(0, 1) })
    const expectedId = (traceId: string) => (idBits === 128 ? traceId : traceId.slice(16).padStart(32, '0'))

    test('it reads what we send', () => {
      use(name)
      fc.assert(
        fc.property(spans, (span) => {
          const headers = sent(withSpan(rootContext, trace.wrapSpanContext(span)))
          fc.pre(idBits === 128 || !/^0+$/.test(span.traceId.slice(16)))
          const read = trace.getSpanContext(oracle.extract(rootContext, headers, defaultTextMapGetter))
          assert.deepEqual(
            {
              traceId: read?.traceId,
              spanId: read?.spanId,
              traceFlags: read?.traceFlags,
              isRemote: read?.isRemote,
            },
            { ...span, traceId: expectedId(span.traceId), isRemote: true },
          )
        }),
        { numRuns: 500, verbose: 1 },
      )
    })

    test('we read what it sends', () => {
      use(name)
      fc.assert(
        fc.property(spans, (span) => {
          fc.pre(idBits === 128 || !/^0+$/.test(span.traceId.slice(16)))
          const headers: Headers = {}
          oracle.inject(trace.setSpanContext(rootContext, span), headers, defaultTextMapSetter)
          const read = spanOf(extractContext(headers))?.spanContext()
          assert.deepEqual(
            {
              traceId: read?.traceId,
              spanId: read?.spanId,
              traceFlags: read?.traceFlags,
              isRemote: read?.isRemote,
            },
            { ...span, traceId: expectedId(span.traceId), isRemote: true },
          )
        }),
        { numRuns: 500, verbose: 1 },
      )
    })
  })
}

describe('baggage beside OpenTelemetry', () => {
  const key = fc.stringMatching(/^[a-z0-9!#$%&'*+.^_`|~-]{1,20}$/)
  const visible = fc.stringMatching(/^[\x21-\x7e]{1,40}$/)
  const span = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 })

  for (const [name, oracle, value] of [
    ['jaeger', new JaegerPropagator(), fc.string({ unit: 'grapheme', maxLength: 30 })],
    ['ottrace', new OTTracePropagator(), visible],
  ] as const) {
    test(`${name}: both directions`, () => {
      use(name)
      fc.assert(
        fc.property(fc.dictionary(key, value, { maxKeys: 5 }), (items) => {
          const entries = Object.entries(items)
          const values = (context: typeof rootContext) =>
            Object.fromEntries(
              (propagation.getBaggage(context)?.getAllEntries() ?? []).map(([k, v]) => [k, v.value]),
            )
          const baggage = new BaggageList(new Map(entries.map(([k, v]) => [k, { value: v }])))
          const context = withBaggage(withSpan(rootContext, span), baggage)
          const read = oracle.extract(rootContext, sent(context), defaultTextMapGetter)
          assert.deepEqual(values(read), Object.fromEntries(entries))
          const headers: Headers = {}
          oracle.inject(context, headers, defaultTextMapSetter)
          assert.deepEqual(values(extractContext(headers)), Object.fromEntries(entries))
        }),
        { numRuns: 300, verbose: 1 },
      )
    })
  }
})

describe('extract(inject(context))', () => {
  for (const name of ['tracecontext', 'b3', 'b3multi', 'jaeger', 'xray', 'datadog', 'ottrace']) {
    test(`${name} keeps ids, the sampled flag, and what is sent a second time is the same`, () => {
      use(name)
      const span = fc.record({ traceId: hex(32), spanId: hex(16), traceFlags: fc.constantFrom(0, 1) })
      fc.assert(
        fc.property(span, (given) => {
          fc.pre(!/^0+$/.test(given.traceId.slice(16)))
          const headers = sent(withSpan(rootContext, trace.wrapSpanContext(given)))
          const context = extractContext(headers)
          const read = spanOf(context)!.spanContext()
          const id = name === 'ottrace' ? given.traceId.slice(16).padStart(32, '0') : given.traceId
          assert.deepEqual(
            { traceId: read.traceId, spanId: read.spanId, traceFlags: read.traceFlags },
            { ...given, traceId: id },
          )
          assert.deepEqual(sent(context), headers)
        }),
        { numRuns: 500, verbose: 1 },
      )
    })
  }

  test('all at once', () => {
    const { propagator } = createPropagator([
      'tracecontext',
      'baggage',
      'b3',
      'b3multi',
      'jaeger',
      'xray',
      'datadog',
      'ottrace',
      'envoy',
    ])
    use('tracecontext', 'baggage', 'b3', 'b3multi', 'jaeger', 'xray', 'datadog', 'ottrace', 'envoy')
    assert.deepEqual(currentPropagator().fields(), propagator.fields())
    const given = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 }
    const baggage = new BaggageList(new Map([['a', { value: '1' }]]))
    const headers = sent(withBaggage(withSpan(rootContext, trace.wrapSpanContext(given)), baggage))
    assert.equal(Object.keys(headers).length, 17)
    const context = extractContext(headers)
    const { traceState, ...remote } = spanOf(context)!.spanContext()
    assert.deepEqual(remote, { ...given, isRemote: true })
    assert.equal(baggageOf(context)?.getEntry('a')?.value, '1')
    assert.equal(traceState?.serialize(), 'dd=s:1')
    assert.deepEqual(sent(context), { ...headers, tracestate: 'dd=s:1' })
  })
})
