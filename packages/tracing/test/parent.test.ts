import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { rootContext, runInContext, suppressTracing, withSpan } from '@hashira/core'
import { alwaysOffSampler, alwaysOnSampler, parentBasedSampler, tracer } from '@hashira/tracing'
import {
  type Context,
  createContextKey,
  createTraceState,
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  trace,
} from '@opentelemetry/api'
import { record } from './support'

const REMOTE: SpanContext = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1, isRemote: true }
const under = (context: SpanContext): Context => withSpan(rootContext, trace.wrapSpanContext(context))

describe('a new trace', () => {
  it('has random ids, flags 0x03 when sampled and 0x02 when not', () => {
    record()
    const ids = new Set<string>()
    for (let i = 0; i < 3_000; i++) {
      const { traceId, spanId, traceFlags } = tracer.startSpan('a').spanContext()
      assert.match(traceId, /^[0-9a-f]{32}$/)
      assert.match(spanId, /^[0-9a-f]{16}$/)
      assert.equal(traceFlags, 0x03)
      ids.add(traceId).add(spanId)
    }
    assert.equal(ids.size, 6_000)
    record({ sampler: alwaysOffSampler })
    assert.equal(tracer.startSpan('a').spanContext().traceFlags, 0x02)
  })

  it('uses every bit of the ids', () => {
    record()
    const digits = Array.from({ length: 48 }, () => new Set<string>())
    for (let i = 0; i < 2_000; i++) {
      const { traceId, spanId } = tracer.startSpan('a').spanContext()
      for (let at = 0; at < 48; at++) digits[at]!.add((traceId + spanId)[at]!)
    }
    assert.deepEqual(new Set(digits.map((seen) => seen.size)), new Set([16]))
  })
})

describe('a child', () => {
  it('of a local span', () => {
    const sink = record()
    const root = tracer.startSpan('root')
    tracer.startSpan('child', {}, withSpan(rootContext, root)).end()
    const child = sink.one()
    root.end()
    const seen = sink.one()
    assert.equal(child.traceId, seen.traceId)
    assert.equal(child.parentSpanId, seen.spanId)
    assert.notEqual(child.spanId, seen.spanId)
    assert.deepEqual([child.isLocalRoot, child.parentIsRemote, child.traceFlags], [false, false, 0x03])
    assert.deepEqual([seen.isLocalRoot, seen.parentIsRemote, seen.parentSpanId], [true, false, undefined])
  })

  it('of a remote span is a local root', () => {
    const sink = record()
    const span = tracer.startSpan('server', {}, under(REMOTE))
    assert.equal(span.spanContext().isRemote ?? false, false)
    span.end()
    const seen = sink.one()
    assert.deepEqual([seen.traceId, seen.parentSpanId], [REMOTE.traceId, REMOTE.spanId])
    assert.deepEqual([seen.isLocalRoot, seen.parentIsRemote], [true, true])
  })

  it('keeps the random flag as it is, sets the sampled one by its own decision, passes no other bit on', () => {
    const cases = [
      [0x00, alwaysOnSampler, 0x01],
      [0x01, alwaysOnSampler, 0x01],
      [0x02, alwaysOnSampler, 0x03],
      [0xff, alwaysOnSampler, 0x03],
      [0x03, alwaysOffSampler, 0x02],
      [0x01, alwaysOffSampler, 0x00],
      [0x03, parentBasedSampler(alwaysOffSampler), 0x03],
      [0x02, parentBasedSampler(alwaysOnSampler), 0x02],
    ] as const
    for (const [traceFlags, sampler, expected] of cases) {
      record({ sampler })
      assert.equal(
        tracer.startSpan('a', {}, under({ ...REMOTE, traceFlags })).spanContext().traceFlags,
        expected,
      )
    }
  })

  it('passes the trace state on', () => {
    const sink = record()
    const traceState = createTraceState('vendor=1,other=2')
    const span = tracer.startSpan('a', {}, under({ ...REMOTE, traceState }))
    assert.equal(span.spanContext().traceState, traceState)
    span.end()
    assert.equal(sink.one().traceState, 'vendor=1,other=2')
    tracer.startSpan('a', { root: true }, under({ ...REMOTE, traceState })).end()
    assert.equal(sink.one().traceState, undefined)
  })

  it('of an invalid parent starts a new trace', () => {
    const sink = record()
    const invalid: unknown[] = [
      INVALID_SPAN_CONTEXT,
      { ...REMOTE, traceId: '0'.repeat(32) },
      { ...REMOTE, spanId: '0'.repeat(16) },
      { ...REMOTE, traceId: 'a'.repeat(31) },
      { ...REMOTE, traceId: 'g'.repeat(32) },
      { ...REMOTE, spanId: 'b'.repeat(17) },
      { ...REMOTE, spanId: 42 },
      { ...REMOTE, traceFlags: undefined },
      {},
      null,
      undefined,
    ]
    for (const context of invalid) {
      const parent = { spanContext: () => context } as unknown as Span
      tracer.startSpan('a', {}, withSpan(rootContext, parent)).end()
      const seen = sink.one()
      assert.deepEqual([seen.isLocalRoot, seen.parentSpanId, seen.traceFlags], [true, undefined, 0x03])
      assert.notEqual(seen.traceId, REMOTE.traceId)
    }
  })

  it('of a parent with upper-case ids has lower-case ones', () => {
    const sink = record()
    tracer.startSpan('a', {}, under({ ...REMOTE, traceId: 'A'.repeat(32), spanId: 'B'.repeat(16) })).end()
    const seen = sink.one()
    assert.deepEqual([seen.traceId, seen.parentSpanId], [REMOTE.traceId, REMOTE.spanId])
  })

  it('is found in the active context, in a context that is given, and in one of OpenTelemetry’s own', () => {
    const sink = record()
    runInContext(under(REMOTE), () => tracer.startSpan('a').end())
    assert.equal(sink.one().parentSpanId, REMOTE.spanId)
    tracer.startSpan('a', {}, trace.setSpanContext(ROOT_CONTEXT, REMOTE)).end()
    assert.equal(sink.one().parentSpanId, REMOTE.spanId)
  })

  it('with `root` is none', () => {
    const sink = record()
    runInContext(under(REMOTE), () => tracer.startSpan('a', { root: true }).end())
    const seen = sink.one()
    assert.deepEqual([seen.parentSpanId, seen.isLocalRoot], [undefined, true])
    assert.notEqual(seen.traceId, REMOTE.traceId)
  })
})

describe('suppressed tracing', () => {
  it('gives the invalid span, by Hashira’s key and by OpenTelemetry’s, and runs the work', () => {
    const sink = record()
    const theirKey = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')
    for (const context of [suppressTracing(under(REMOTE)), under(REMOTE).setValue(theirKey, true)]) {
      const span = tracer.startSpan('a', {}, context)
      assert.equal(span.isRecording(), false)
      assert.deepEqual(span.spanContext(), INVALID_SPAN_CONTEXT)
      span.end()
      assert.equal(
        runInContext(context, () => tracer.span('a', () => 'done')),
        'done',
      )
    }
    assert.equal(sink.spans.length, 0)
  })
})
