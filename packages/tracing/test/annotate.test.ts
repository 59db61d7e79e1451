import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { annotate, type Operation, rootContext, runInContext, withOperation } from '@hashira/core'
import { alwaysOffSampler, disableTracing, type Sampler, tracer } from '@hashira/tracing'
import { SamplingDecision, SpanKind } from '@opentelemetry/api'
import { record } from './support'

afterEach(disableTracing)

/** Runs `fn` as a server adapter does: in an operation with a span. */
function inRequest(fn: (operation: Operation) => void): void {
  const span = tracer.startSpan('request', { kind: SpanKind.SERVER })
  const operation: Operation = { span, recordError: () => undefined }
  runInContext(withOperation(rootContext, span, operation), () => fn(operation))
  span.end()
}

describe('annotated spans', () => {
  it('the current span, the request and every later span of it have the fields', () => {
    const sink = record()
    inRequest(() => {
      tracer.span('before', () => undefined)
      tracer.span('load user', () => annotate({ 'tenant.id': 'acme' }))
      tracer.span('after', () => tracer.span('inner', () => undefined))
      tracer.startSpan('root', { root: true }).end()
      tracer.startFlatSpan('call', SpanKind.CLIENT, ['a', 1], rootContext).end()
    })
    tracer.span('another request', () => undefined)
    const tenants = Object.fromEntries(
      sink.spans.map(({ name, attributes }) => [name, attributes['tenant.id']]),
    )
    assert.deepEqual(tenants, {
      before: undefined,
      'load user': 'acme',
      inner: 'acme',
      after: 'acme',
      root: 'acme',
      call: undefined,
      request: 'acme',
      'another request': undefined,
    })
  })

  it('what a span says itself wins, at its start and later', () => {
    const sink = record()
    inRequest(() => {
      annotate({ a: 'annotated', b: 'annotated' })
      tracer.span('own', { attributes: { a: 'own' } }, (span) => span.setAttribute('b', 'own'))
    })
    assert.deepEqual(sink.spans[0]?.attributes, { a: 'own', b: 'own' })
  })

  it('the limits of a span hold', () => {
    const sink = record({ limits: { attributeCountLimit: 2, attributeValueLengthLimit: 3 } })
    inRequest(() => {
      annotate({ a: 'longer', b: 'b', c: 'c' })
      tracer.span('limited', { attributes: { own: 1 } }, () => undefined)
    })
    assert.deepEqual(sink.spans[0]?.attributes, { own: 1, a: 'lon' })
    assert.equal(sink.spans[0]?.droppedAttributesCount, 2)
  })

  it('a sampler that reads attributes sees them', () => {
    let seen: unknown
    const sampler: Sampler = {
      shouldSample(_context, _traceId, _name, _kind, attributes) {
        seen = attributes
        return { decision: SamplingDecision.RECORD_AND_SAMPLED }
      },
    }
    record({ sampler })
    inRequest(() => {
      annotate({ plan: 'gold' })
      tracer.startSpan('asked', { attributes: { own: 1 } }).end()
    })
    assert.deepEqual(seen, { own: 1, plan: 'gold' })
  })

  it('outside of a request the spans below have them, until they end', () => {
    const sink = record()
    tracer.span('job', () => {
      annotate({ job: 'nightly' })
      tracer.span('step', () => {
        annotate({ step: 1 })
        tracer.span('query', () => undefined)
      })
      tracer.span('step 2', () => undefined)
    })
    tracer.span('another job', () => undefined)
    assert.deepEqual(
      sink.spans.map(({ name, attributes }) => [name, attributes]),
      [
        ['query', { job: 'nightly', step: 1 }],
        ['step', { job: 'nightly', step: 1 }],
        ['step 2', { job: 'nightly' }],
        ['job', { job: 'nightly' }],
        ['another job', {}],
      ],
    )
  })

  it('spans that are not recorded pass them on, too', () => {
    let sampled = false
    const sampler: Sampler = {
      shouldSample: () => ({
        decision: sampled ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD,
      }),
    }
    const sink = record({ sampler })
    tracer.span('left out', () => {
      annotate({ job: 'nightly' })
      tracer.span('left out, too', () => {
        sampled = true
        tracer.span('recorded', () => undefined)
      })
    })
    assert.deepEqual(sink.one().attributes, { job: 'nightly' })
    record({ sampler: alwaysOffSampler })
    inRequest((operation) => {
      annotate({ a: 1 })
      assert.deepEqual(operation.fields?.flat, ['a', 1])
    })
  })
})
