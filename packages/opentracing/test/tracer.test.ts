import assert from 'node:assert/strict'
import { after, beforeEach, describe, it } from 'node:test'
import { openTracingTracer } from '@hashira/opentracing'
import { memoryExporter } from '@hashira/testing'
import { tracer as hashiraTracer } from '@hashira/tracing'
import { start } from 'hashira'
import * as opentracing from 'opentracing'

const memory = memoryExporter()
const hashira = start({ exporters: [memory], quiet: true, handleSignals: false })
const tracer = openTracingTracer()
const { FORMAT_BINARY, FORMAT_HTTP_HEADERS, FORMAT_TEXT_MAP } = opentracing

after(() => hashira.shutdown())
beforeEach(() => memory.reset())

function only() {
  assert.equal(memory.spans.length, 1)
  return memory.spans[0]!
}

describe('the OpenTracing tracer', () => {
  it('is an instance of the classes of the app', () => {
    const span = tracer.startSpan('work')
    assert.ok(tracer instanceof opentracing.Tracer)
    assert.ok(span instanceof opentracing.Span)
    assert.ok(span.context() instanceof opentracing.SpanContext)
    assert.equal(span.tracer(), tracer)
  })

  it('serves as the global tracer', () => {
    opentracing.initGlobalTracer(tracer)
    const span = opentracing.globalTracer().startSpan('work', { startTime: 1_700_000_000_000 })
    span.setOperationName('renamed')
    span.finish(1_700_000_000_250)
    const { name, startUnixMs, durationMs } = only()
    assert.deepEqual([name, startUnixMs, durationMs], ['renamed', 1_700_000_000_000, 250])
  })

  it('starts spans below the request that the caller is in', () => {
    hashiraTracer.span('request', () => tracer.startSpan('work').finish())
    const [work, request] = memory.spans
    assert.equal(work!.parentSpanId, request!.spanId)
  })

  it('takes parents from childOf and references, and links the others', () => {
    const first = tracer.startSpan('first')
    const second = tracer.startSpan('second')
    const third = tracer.startSpan('third')
    first.setBaggageItem('a', '1')
    second.setBaggageItem('b', '2')
    const child = tracer.startSpan('child', {
      references: [
        opentracing.followsFrom(first),
        opentracing.childOf(second),
        opentracing.followsFrom(third),
      ],
    })
    assert.equal(child.getBaggageItem('a'), '1')
    assert.equal(child.getBaggageItem('b'), '2')
    child.finish()
    const span = only()
    assert.equal(span.parentSpanId, second.context().toSpanId())
    assert.equal(span.traceId, second.context().toTraceId())
    assert.deepEqual(
      span.links.map(({ spanId, attributes }) => [spanId, attributes['opentracing.ref_type']]),
      [
        [first.context().toSpanId(), 'follows_from'],
        [third.context().toSpanId(), 'follows_from'],
      ],
    )
    memory.reset()
    tracer.startSpan('after', { references: [opentracing.followsFrom(first.context())] }).finish()
    assert.equal(only().parentSpanId, first.context().toSpanId())
  })

  it('makes of tags attributes, the kind and the status', () => {
    const span = tracer.startSpan('GET', {
      tags: { 'span.kind': 'client', component: 'net', 'http.method': 'GET' },
    })
    span
      .setTag('http.status_code', '503')
      .setTag('error', true)
      .addTags({ object: { a: 1 }, nothing: null })
    span.finish()
    const { kind, statusCode, attributes } = only()
    assert.equal(kind, 2)
    assert.equal(statusCode, 2)
    assert.deepEqual(attributes, {
      component: 'net',
      'http.method': 'GET',
      'http.request.method': 'GET',
      'http.status_code': '503',
      'http.response.status_code': 503,
      object: '{"a":1}',
    })
    memory.reset()
    tracer.startSpan('ok', { tags: { error: 'false' } }).finish()
    assert.equal(only().statusCode, 1)
  })

  it('leaves out what has the sampling priority 0', () => {
    tracer.startSpan('no', { tags: { 'sampling.priority': 0 } }).finish()
    const late = tracer.startSpan('neither')
    late.setTag('sampling.priority', 0)
    late.finish()
    tracer.startSpan('yes', { tags: { 'sampling.priority': 1 } }).finish()
    assert.equal(only().name, 'yes')
  })

  it('makes of logs events, and of errors exceptions', () => {
    const span = tracer.startSpan('work')
    span.log({ event: 'cache miss', key: 'a' }, 1_700_000_000_000)
    span.log({ size: 7 })
    span.logEvent('old', { deep: true })
    span.log({ event: 'error', 'error.object': new TypeError('broken') })
    span.log({ event: 'error', 'error.kind': 'E', message: 'm', stack: 's' })
    span.finish()
    const { events } = only()
    assert.deepEqual(
      events.map(({ name }) => name),
      ['cache miss', 'log', 'old', 'exception', 'exception'],
    )
    assert.equal(events[0]!.timeUnixMs, 1_700_000_000_000)
    assert.deepEqual(events[0]!.attributes, { key: 'a' })
    assert.deepEqual(events[2]!.attributes, { payload: '{"deep":true}' })
    assert.equal(events[3]!.attributes['exception.type'], 'TypeError')
    assert.deepEqual(events[4]!.attributes, {
      'exception.type': 'E',
      'exception.message': 'm',
      'exception.stacktrace': 's',
    })
  })

  for (const format of [FORMAT_HTTP_HEADERS, FORMAT_TEXT_MAP, FORMAT_BINARY]) {
    it(`carries span and baggage by ${format}`, () => {
      const span = tracer.startSpan('work')
      span.setBaggageItem('tenant', 'acme')
      // biome-ignore lint/suspicious/noExplicitAny: the carrier of any format
      const carrier: any = {}
      tracer.inject(span, format, carrier)
      if (format === FORMAT_HTTP_HEADERS)
        assert.equal(carrier.traceparent.slice(3, 35), span.context().toTraceId())
      const context = tracer.extract(format, carrier)!
      assert.equal(context.toTraceId(), span.context().toTraceId())
      assert.equal(context.toSpanId(), span.context().toSpanId())
      const child = tracer.startSpan('child', { childOf: context })
      assert.equal(child.getBaggageItem('tenant'), 'acme')
      child.finish()
      assert.equal(only().parentIsRemote, true)
    })
  }

  it('finds nothing where there is nothing, and never throws', () => {
    assert.equal(tracer.extract(FORMAT_HTTP_HEADERS, {}), null)
    assert.equal(tracer.extract(FORMAT_BINARY, { buffer: [1, 2, 3] }), null)
    assert.equal(tracer.extract('unknown', { traceparent: 'x' }), null)
    for (const value of [null, undefined, 7, 'text', [], new Proxy({}, { get: () => assert.fail('read') })]) {
      tracer.inject(value as never, FORMAT_TEXT_MAP, {})
      tracer.extract(FORMAT_TEXT_MAP, value)
      const span = tracer.startSpan('work', value as never)
      span.log(value as never)
      span.addTags(value as never)
      span.setTag(value as never, value)
      span.setBaggageItem(value as never, value as never)
      span.finish(value as never)
    }
  })

  it('refuses a module that is none', () => {
    assert.throws(() => openTracingTracer({ opentracing: {} }), { code: 'HASHIRA_OPTION_INVALID' })
  })
})
