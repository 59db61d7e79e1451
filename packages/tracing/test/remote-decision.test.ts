import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { createPropagator, extractContext, injectHeaders, setPropagator, withSpan } from '@hashira/core'
import {
  alwaysOffSampler,
  alwaysOnSampler,
  disableTracing,
  parentBasedSampler,
  type Sampler,
  tracer,
} from '@hashira/tracing'
import { SamplingDecision, trace } from '@opentelemetry/api'
import { record } from './support'

afterEach(() => {
  disableTracing()
  setPropagator(createPropagator(['tracecontext', 'baggage']).propagator)
})

const T = '0af7651916cd43dd8448eb211c80319c'
const S = 'b7ad6b7169203331'
const ROOT = `Root=1-${T.slice(0, 8)}-${T.slice(8)}`

/** OpenTelemetry's interface only, which reads its parent out of the context. */
function asForeign(sampler: Sampler): Sampler {
  return { shouldSample: (...args) => sampler.shouldSample(...args), toString: () => 'foreign' }
}

function start(propagator: string, headers: Record<string, string>, sampler: Sampler) {
  setPropagator(createPropagator([propagator]).propagator)
  const sink = record({ sampler })
  const context = extractContext(headers)
  const span = tracer.startSpan('request', {}, context)
  span.end()
  const sent: Record<string, string> = {}
  injectHeaders(withSpan(context, span), (name, value) => {
    sent[name] = value
  })
  return { span: span.spanContext(), recorded: sink.spans[0], sent }
}

for (const [kind, shaped] of [
  ['a sampler that decides by trace', (sampler: Sampler) => sampler],
  ['a sampler that reads everything', asForeign],
] as const) {
  describe(`what a caller decided, with ${kind}`, () => {
    const followOn = shaped(parentBasedSampler(alwaysOnSampler))
    const followOff = shaped(parentBasedSampler(alwaysOffSampler))

    it('a caller that left the decision to us: the sampler decides as for a new trace, the parent stays', () => {
      const headers = { b3: `${T}-${S}` }
      const on = start('b3', headers, followOn)
      assert.equal(on.recorded?.parentSpanId, S)
      assert.equal(on.recorded?.parentIsRemote, true)
      assert.equal(on.span.traceId, T)
      assert.equal(on.sent['b3'], `${T}-${on.span.spanId}-1`)
      const off = start('b3', headers, followOff)
      assert.equal(off.recorded, undefined)
      assert.equal(off.sent['b3'], `${T}-${off.span.spanId}-0`)
    })

    it('X-Ray’s "?" and no word of it', () => {
      for (const sampled of ['', ';Sampled=?']) {
        const header = `${ROOT};Parent=${S}${sampled};Lineage=a:1`
        const { recorded, sent, span } = start('xray', { 'x-amzn-trace-id': header }, followOn)
        assert.equal(recorded?.parentSpanId, S)
        assert.equal(sent['x-amzn-trace-id'], `${ROOT};Parent=${span.spanId};Sampled=1;Lineage=a:1`)
      }
    })

    it('a caller without a span that decided: a parent-based sampler follows', () => {
      assert.equal(start('b3', { b3: '1' }, followOff).recorded?.parentSpanId, undefined)
      assert.ok(start('b3', { b3: '1' }, followOff).recorded)
      assert.equal(start('b3', { b3: '0' }, followOn).recorded, undefined)
      assert.equal(start('b3', { b3: '0' }, followOn).span.traceFlags & 1, 0)
      assert.ok(start('b3', { b3: '0' }, shaped(alwaysOnSampler)).recorded)
      assert.equal(start('b3', { b3: '1' }, shaped(alwaysOffSampler)).recorded, undefined)
    })

    it('debug travels on in a trace that begins here', () => {
      const { recorded, sent, span } = start('b3', { b3: 'd' }, followOff)
      assert.ok(recorded)
      assert.equal(sent['b3'], `${span.traceId}-${span.spanId}-d`)
    })

    it('a trace with an id and no span begins here', () => {
      const { recorded, span } = start('xray', { 'x-amzn-trace-id': ROOT }, followOn)
      assert.equal(recorded?.traceId, T)
      assert.equal(recorded?.parentSpanId, undefined)
      assert.equal(recorded?.isLocalRoot, true)
      // Whether an id that somebody else made is random is not known.
      assert.equal(span.traceFlags, 1)
      assert.equal(start('xray', { 'x-amzn-trace-id': `${ROOT};Sampled=0` }, followOn).recorded, undefined)
      const browser = {
        'x-datadog-trace-id': '7',
        'x-datadog-parent-id': '0',
        'x-datadog-sampling-priority': '2',
        'x-datadog-origin': 'rum',
      }
      const rum = start('datadog', browser, followOff)
      assert.equal(rum.recorded?.traceId, '7'.padStart(32, '0'))
      assert.equal(rum.recorded?.traceState, 'dd=s:2;o:rum')
      assert.equal(rum.sent['x-datadog-sampling-priority'], '2')
    })

    it('jaeger-debug-id: a new trace, sampled, with the id on its root', () => {
      const { recorded, sent, span } = start('jaeger', { 'jaeger-debug-id': 'case 7' }, followOff)
      assert.equal(recorded?.parentSpanId, undefined)
      assert.equal(recorded?.attributes['jaeger-debug-id'], 'case 7')
      assert.equal(sent['uber-trace-id'], `${span.traceId}:${span.spanId}:0:3`)
    })
  })
}

describe('a hint', () => {
  it('is for the first span only', () => {
    setPropagator(createPropagator(['jaeger']).propagator)
    const sink = record()
    const context = extractContext({ 'jaeger-debug-id': 'x' })
    const span = tracer.startSpan('request', {}, context)
    tracer.startSpan('child', {}, withSpan(context, span)).end()
    span.end()
    const ids = sink.spans.map(({ attributes }) => attributes['jaeger-debug-id'])
    assert.deepEqual(ids, [undefined, 'x'])
  })

  it('goes on as it came while tracing is off: nobody here decides', () => {
    setPropagator(createPropagator(['b3']).propagator)
    const context = extractContext({ b3: `${T}-${S}` })
    const span = tracer.startSpan('off', {}, context)
    const below = withSpan(context, tracer.startSpan('below', {}, withSpan(context, span)))
    injectHeaders(below, (_name, value) => assert.equal(value, `${T}-${S}`))
    assert.equal(span.spanContext().spanId, S)
  })

  it('is nothing to a span that is to be a root', () => {
    setPropagator(createPropagator(['b3']).propagator)
    const sink = record({ sampler: parentBasedSampler(alwaysOffSampler) })
    tracer.startSpan('root', { root: true }, extractContext({ b3: '1' })).end()
    assert.equal(sink.spans.length, 0)
  })

  it('shows a sampler no parent where it is to decide, and a remote one where the caller did', () => {
    const seen: unknown[] = []
    const sampler: Sampler = {
      shouldSample(context, traceId) {
        const parent = trace.getSpanContext(context)
        seen.push(
          parent === undefined ? undefined : [parent.traceId === traceId, parent.isRemote, parent.traceFlags],
        )
        return { decision: SamplingDecision.RECORD_AND_SAMPLED }
      },
    }
    for (const b3 of [`${T}-${S}`, '1', '0', `${T}-${S}-0`]) start('b3', { b3 }, sampler)
    assert.deepEqual(seen, [undefined, [true, true, 1], [true, true, 0], [true, true, 0]])
  })
})
