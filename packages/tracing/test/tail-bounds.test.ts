import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { rootContext, withSpan } from '@hashira/core'
import {
  alwaysOffSampler,
  disableTracing,
  enableTracing,
  settleTail,
  type TailOptions,
  tracer,
} from '@hashira/tracing'
import { SpanStatusCode } from '@opentelemetry/api'
import { LocalTrace } from '../dist/local-trace.js'
import { WaitingTraces } from '../dist/waiting-traces.js'
import { record, tailResults as results, type SeeingSink } from './support'

function keep(tail: TailOptions = {}): SeeingSink {
  return record({ sampler: alwaysOffSampler, tail })
}

function names(sink: SeeingSink): string[] {
  return sink.spans.map(({ name }) => name)
}

describe('what waits for the tail keeper', () => {
  afterEach(() => disableTracing())

  it('a root that is taken back decides about its trace, at once', async () => {
    const before = await results()
    const sink = keep()
    for (const fails of [false, true]) {
      const root = tracer.startSpan('root')
      const child = tracer.startSpan(`child ${fails}`, {}, withSpan(rootContext, root))
      if (fails) child.fail(new Error('no'))
      child.end()
      root.discard('not_observed')
      const late = tracer.startSpan(`late ${fails}`, {}, withSpan(rootContext, root))
      late.discard('too_late')
    }
    assert.deepEqual(names(sink), ['child true'])
    assert.deepEqual(sink.refused, ['not_observed', 'too_late'])
    assert.equal((await results())['size'], before['size'], 'nothing waits')
  })

  it('a root that lives for ever keeps no list of what a hook refused', () => {
    const refusing = record({
      sampler: alwaysOffSampler,
      tail: {},
      onSpanEnd: ({ name }) => (name === 'root' ? undefined : false),
    })
    const root = tracer.startSpan('root')
    const context = withSpan(rootContext, root)
    for (let i = 0; i < 3; i++) tracer.startSpan('child', {}, context).end()
    root.fail(new Error('no'))
    root.end()
    assert.deepEqual(refusing.refused, ['hook', 'hook', 'hook'])
  })

  it('a processor hears of the end of every span of whose start it heard', () => {
    const open = new Set<unknown>()
    const ended: [string, number][] = []
    const processor = {
      onStart: (span: unknown) => open.add(span),
      onEnd: (span: { name: string; spanContext(): { traceFlags: number } }) => {
        open.delete(span)
        ended.push([span.name, span.spanContext().traceFlags & 1])
      },
      forceFlush: async () => {},
      shutdown: async () => {},
    }
    record({ sampler: alwaysOffSampler, tail: {}, processors: [processor as never] })
    for (const name of ['fast', 'failed']) {
      const root = tracer.startSpan(name)
      const context = withSpan(rootContext, root)
      const late = tracer.startSpan(`${name} late`, {}, context)
      tracer.startSpan(`${name} child`, {}, context).end()
      if (name === 'failed') root.fail(new Error('no'))
      root.end()
      late.end()
    }
    assert.deepEqual(ended, [
      ['fast child', 0],
      ['fast', 0],
      ['fast late', 0],
      ['failed child', 1],
      ['failed', 1],
      ['failed late', 1],
    ])
    assert.equal(open.size, 0)
  })

  it('a sink that makes traces of what it gets can not make the end go on for ever', () => {
    let made = 0
    const context = () => withSpan(rootContext, tracer.startSpan('open root'))
    const fail = () => {
      const child = tracer.startSpan('child', {}, context())
      child.fail(new Error('no'))
      child.end()
    }
    const append = () => {
      if (made++ > 1_000) throw new Error('for ever')
      fail()
    }
    enableTracing({ sampler: alwaysOffSampler, tail: {}, sinks: [{ append, refuse: () => {} }] })
    for (let i = 0; i < 10; i++) fail()
    settleTail()
    assert.equal(made, 10)
    enableTracing({ sampler: alwaysOffSampler, sinks: [] })
  })

  it('counts every text that a span holds', async () => {
    const before = (await results())['size']!
    keep({ maxBytes: 1_000_000 })
    const child = tracer.startSpan('child', {}, withSpan(rootContext, tracer.startSpan('root')))
    child.setStatus({ code: SpanStatusCode.ERROR, message: 'x'.repeat(8_000) })
    child.end()
    assert.ok((await results())['size']! - before >= 16_000)
  })

  it('the oldest is found at once although 100,000 wait and as many have left', () => {
    const waiting = new WaitingTraces()
    const traces = Array.from({ length: 200_000 }, () => new LocalTrace('a'.repeat(16), 0))
    for (const trace of traces.slice(0, 100_000)) waiting.add(trace)
    const startMs = performance.now()
    for (let i = 0; i < 100_000; i++) {
      waiting.delete(traces[i]!)
      waiting.add(traces[i + 100_000]!)
      assert.equal(waiting.oldest, traces[i + 1])
    }
    // Whoever walks over what left takes 7 s.
    assert.ok(performance.now() - startMs < 2_000)
    assert.equal(waiting.size, 100_000)
  })

  it('leaves from anywhere, once', () => {
    const waiting = new WaitingTraces()
    const [a, b, c] = ['a', 'b', 'c'].map((id) => new LocalTrace(id, 0)) as [
      LocalTrace,
      LocalTrace,
      LocalTrace,
    ]
    for (const trace of [a, b, b, c, a]) waiting.add(trace)
    waiting.delete(b)
    waiting.delete(b)
    assert.deepEqual([waiting.size, waiting.oldest], [2, a])
    waiting.delete(a)
    assert.equal(waiting.oldest, c)
    waiting.add(b)
    waiting.delete(c)
    waiting.delete(b)
    assert.deepEqual([waiting.size, waiting.oldest], [0, undefined])
  })
})
