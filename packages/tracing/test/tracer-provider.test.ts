import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { contextManager, rootContext, withSpan } from '@hashira/core'
import { disableTracing, tracer, tracerProvider } from '@hashira/tracing'
import { context, INVALID_SPAN_CONTEXT, type SpanContext, trace } from '@opentelemetry/api'
import { record } from './support'

const parentContext: SpanContext = {
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  traceFlags: 1,
  isRemote: true,
}
const parent = withSpan(rootContext, trace.wrapSpanContext(parentContext))

describe('getTracer', () => {
  it('gives the same tracer for the same scope, another for another', () => {
    const first = tracerProvider.getTracer('lib', '1', { schemaUrl: 'https://schema/1' })
    assert.equal(tracerProvider.getTracer('lib', '1', { schemaUrl: 'https://schema/1' }), first)
    assert.notEqual(tracerProvider.getTracer('lib', '1'), first)
    assert.notEqual(tracerProvider.getTracer('lib', '2', { schemaUrl: 'https://schema/1' }), first)
    assert.notEqual(tracerProvider.getTracer('lib1', ''), tracerProvider.getTracer('lib', '1'))
  })

  it('puts the scope into the record', () => {
    const sink = record()
    tracerProvider.getTracer('lib', '1', { schemaUrl: 'https://schema/1' }).startSpan('a').end()
    assert.deepEqual(sink.one().scope, { name: 'lib', version: '1', schemaUrl: 'https://schema/1' })
    tracerProvider.getTracer('lib').startSpan('a').end()
    assert.deepEqual(sink.one().scope, { name: 'lib', version: undefined, schemaUrl: undefined })
  })

  it('gives a working tracer for an invalid name, version or options', () => {
    const sink = record()
    const throwing = new Proxy({}, { get: () => assert.fail() })
    for (const name of [undefined, null, 42, Symbol('x'), {}]) {
      tracerProvider
        .getTracer(name as never, name as never, name as never)
        .startSpan('a')
        .end()
      assert.equal(sink.one().scope.name, '')
    }
    tracerProvider
      .getTracer('lib', '1', throwing as never)
      .startSpan('a')
      .end()
    assert.equal(sink.one().scope.name, 'lib')
  })

  it('does not keep every tracer of an app that makes up names', () => {
    const names = Array.from({ length: 3_000 }, (_, i) => `made-up ${i}`)
    const sink = record()
    for (const name of names) tracerProvider.getTracer(name).startSpan('a').end()
    assert.deepEqual(
      sink.spans.map((span) => span.scope.name),
      names,
    )
  })

  it('gives the exported tracer the scope of this package', () => {
    const manifest = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8'))
    const sink = record()
    tracer.startSpan('a').end()
    assert.deepEqual(sink.one().scope, {
      name: '@hashira/tracing',
      version: manifest.version,
      schemaUrl: undefined,
    })
  })
})

describe('a tracer taken early', () => {
  after(() => {
    trace.disable()
    context.disable()
  })

  it('is inert until tracing is enabled, lives, is inert after, and lives again', () => {
    disableTracing()
    const early = trace.getTracer('early', '1')
    assert.equal(early.startSpan('a').isRecording(), false)
    trace.setGlobalTracerProvider(tracerProvider)
    context.setGlobalContextManager(contextManager)
    for (const candidate of [early, trace.getTracer('early', '1'), tracer]) {
      disableTracing()
      assertInert(candidate)
      const first = record()
      candidate.startActiveSpan('a', (span) => {
        assert.equal(trace.getActiveSpan(), span)
        candidate.startSpan('b').end()
        span.end()
      })
      const [b, a] = first.spans
      assert.equal(a?.name, 'a')
      assert.equal(b?.parentSpanId, a?.spanId)
      disableTracing()
      assertInert(candidate)
      const second = record()
      candidate.startSpan('again').end()
      assert.equal(second.one().name, 'again')
      assert.equal(first.spans.length, 2)
    }
  })

  function assertInert(candidate: typeof early): void {
    const child = candidate.startSpan('a', {}, parent)
    assert.equal(child.isRecording(), false)
    assert.deepEqual(child.spanContext(), parentContext)
    assert.deepEqual(candidate.startSpan('a', { root: true }, parent).spanContext(), INVALID_SPAN_CONTEXT)
    assert.deepEqual(candidate.startSpan('a').spanContext(), INVALID_SPAN_CONTEXT)
  }
  const early = trace.getTracer('only for its type')
})

it('is one provider for every loaded copy and both module formats', async () => {
  const commonjs = require('@hashira/tracing')
  const face = await import(join(__dirname, '../dist/index.mjs'))
  assert.equal(face.tracerProvider, commonjs.tracerProvider)
  for (const path of Object.keys(require.cache)) {
    if (path.includes('/packages/tracing/dist/')) delete require.cache[path]
  }
  const copy = require('@hashira/tracing')
  assert.notEqual(copy.enableTracing, commonjs.enableTracing)
  assert.equal(copy.tracerProvider, commonjs.tracerProvider)
  const sink = record()
  copy.tracer.startSpan('from the copy').end()
  assert.equal(sink.one().name, 'from the copy')
  assert.deepEqual(copy.spanCounts(), commonjs.spanCounts())
  copy.disableTracing()
  assert.equal(tracer.startSpan('a').isRecording(), false)
})
