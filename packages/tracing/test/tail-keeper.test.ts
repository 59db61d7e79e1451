import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { rootContext, runInContext, suppressTracing, withSpan } from '@hashira/core'
import {
  alwaysOffSampler,
  alwaysOnSampler,
  disableTracing,
  parentBasedSampler,
  settleTail,
  type TailOptions,
  tracer,
  tracingMetricSource,
} from '@hashira/tracing'
import { SpanKind, trace } from '@opentelemetry/api'
import { record, tailResults as results, type SeeingSink } from './support'

function keep(tail: TailOptions = {}, sampler = parentBasedSampler(alwaysOffSampler)): SeeingSink {
  return record({ sampler, tail })
}

function names(sink: SeeingSink): string[] {
  return sink.spans.map(({ name }) => name)
}

describe('tail keeper', () => {
  afterEach(() => disableTracing())

  it('keeps a trace with an error whole, although the sampler left it out', () => {
    const sink = keep()
    tracer.span('root', () => {
      tracer.span('first', () => {})
      assert.throws(() =>
        tracer.span('second', () => {
          throw new Error('no')
        }),
      )
      assert.deepEqual(names(sink), [], 'nothing leaves before the root ends')
    })
    assert.deepEqual(names(sink), ['first', 'second', 'root'])
    const [first, second, root] = sink.spans
    assert.equal(new Set(sink.spans.map(({ traceId }) => traceId)).size, 1)
    assert.deepEqual(
      [first!.parentSpanId, second!.parentSpanId, root!.parentSpanId],
      [root!.spanId, root!.spanId, undefined],
    )
    for (const span of sink.spans) assert.equal(span.traceFlags & 1, 1, 'what is kept counts as sampled')
  })

  it('keeps a slow trace, and lets the others go', () => {
    const sink = keep({ slowerThanMs: 500 })
    const at = (ms: number) => 1_700_000_000_000 + ms
    for (const [name, ms] of [
      ['fast', 499],
      ['slow', 500],
    ] as const) {
      tracer.startSpan(name, { startTime: at(0) }).end(at(ms))
    }
    assert.deepEqual(names(sink), ['slow'])
  })

  it('errors can be left out', () => {
    const sink = keep({ errors: false })
    assert.throws(() =>
      tracer.span('root', () => {
        throw new Error('no')
      }),
    )
    assert.deepEqual(names(sink), [])
  })

  it('never holds what was sampled at the start', () => {
    const sink = keep({}, parentBasedSampler(alwaysOnSampler))
    tracer.span('root', () => {
      tracer.span('child', () => {})
      assert.deepEqual(names(sink), ['child'])
    })
    assert.deepEqual(names(sink), ['child', 'root'])
  })

  it('tells other services nothing of it: the flags that travel say not sampled', () => {
    keep()
    const span = tracer.startSpan('a')
    assert.equal(span.isRecording(), true)
    assert.equal(span.spanContext().traceFlags & 1, 0)
    span.end()
  })

  it('a remote parent begins a local trace of its own', () => {
    const sink = keep()
    const remote = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 0, isRemote: true }
    const span = tracer.startSpan(
      'server',
      { kind: SpanKind.SERVER },
      trace.setSpanContext(rootContext, remote),
    )
    span.fail(new Error('no'))
    span.end()
    assert.deepEqual(names(sink), ['server'])
    assert.equal(sink.spans[0]!.parentSpanId, 'b'.repeat(16))
  })

  it('a span that ends after its root shares the decision', () => {
    const sink = keep()
    const [kept, gone] = ['kept', 'gone'].map((name) => {
      const root = tracer.startSpan(name)
      const late = runInContext(withSpan(rootContext, root), () => tracer.startSpan(`late ${name}`))
      if (name === 'kept') root.fail(new Error('no'))
      root.end()
      return late
    })
    kept!.end()
    gone!.end()
    assert.deepEqual(names(sink), ['kept', 'late kept'])
  })

  it('gives up the oldest trace when memory is full, and says so', async () => {
    const before = await results()
    const sink = keep({ maxBytes: 20_000 })
    const waiting = Array.from({ length: 50 }, (_, i) => {
      const root = tracer.startSpan(`root ${i}`)
      const context = withSpan(rootContext, root)
      tracer.startSpan(`child ${i}`, { attributes: { text: 'x'.repeat(500) } }, context).end()
      return root
    })
    const during = await results()
    assert.ok(during['size']! <= 20_000 && during['size']! > 10_000, String(during['size']))
    for (const root of waiting) {
      root.fail(new Error('no'))
      root.end()
    }
    const after = await results()
    const evicted = after['evicted']! - (before['evicted'] ?? 0)
    const kept = after['kept_error']! - (before['kept_error'] ?? 0)
    assert.equal(evicted + kept, 50)
    assert.ok(evicted > 30 && kept > 5, `${evicted} ${kept}`)
    assert.equal(sink.spans.length, 2 * kept, 'a trace is kept whole or not at all')
    assert.equal(after['size'], 0)
  })

  it('gives up a trace whose root never ends', async (t) => {
    const before = await results()
    let nowMs = performance.now()
    t.mock.method(performance, 'now', () => nowMs)
    const sink = keep({ maxWaitMs: 1_000 })
    const endChild = (name: string) => {
      const child = tracer.startSpan(name, {}, withSpan(rootContext, tracer.startSpan('root')))
      if (name === 'failed') child.fail(new Error('no'))
      child.end()
    }
    endChild('lost')
    endChild('failed')
    nowMs += 1_001
    endChild('new')
    const after = await results()
    assert.equal(after['expired']! - (before['expired'] ?? 0), 1)
    assert.deepEqual(names(sink), ['failed'])
  })

  it('decides about what waits when tracing ends', () => {
    const sink = keep()
    const root = tracer.startSpan('root')
    const child = tracer.startSpan('child', {}, withSpan(rootContext, root))
    child.fail(new Error('no'))
    child.end()
    settleTail()
    assert.deepEqual(names(sink), ['child'])
    root.end()
    assert.deepEqual(names(sink), ['child', 'root'])
  })

  it('a hook sees each span once, before it waits, and what it drops is counted when the trace is kept', () => {
    const seen: string[] = []
    const sink = record({
      sampler: alwaysOffSampler,
      tail: {},
      onSpanEnd: (span) => {
        seen.push(span.name)
        span.attributes.delete('secret')
        return span.name === 'drop' ? false : undefined
      },
    })
    assert.throws(() =>
      tracer.span('root', () => {
        tracer.span('drop', () => {})
        tracer.span('keep', { attributes: { secret: 1, open: 2 } }, () => {})
        throw new Error('no')
      }),
    )
    assert.deepEqual(seen, ['drop', 'keep', 'root'])
    assert.deepEqual(names(sink), ['keep', 'root'])
    assert.deepEqual(sink.spans[0]!.attributes, { open: 2 })
    assert.deepEqual(sink.refused, ['hook'])
  })

  it('suppressed tracing stays suppressed', () => {
    keep()
    assert.equal(runInContext(suppressTracing(rootContext), () => tracer.startSpan('a')).isRecording(), false)
  })

  it('the account of spans holds', async () => {
    const read = async () => {
      const { families } = await tracingMetricSource.collect()
      const value = (name: string) =>
        (families.find((family) => family.name === name)!.points[0] as { value: number }).value
      return {
        created: value('hashira.spans.created'),
        ended: value('hashira.spans.ended'),
        open: value('hashira.spans.open'),
      }
    }
    keep({ maxBytes: 5_000 })
    const before = await read()
    const open = Array.from({ length: 20 }, () =>
      tracer.startSpan('a', { attributes: { a: 'x'.repeat(400) } }),
    )
    for (const span of open.slice(0, 12)) span.end()
    const after = await read()
    assert.deepEqual([after.created - before.created, after.ended - before.ended], [20, 12])
    assert.equal(after.created, after.ended + after.open)
    for (const span of open) span.end()
  })

  it('keeps no memory of traces that are decided, although a context still holds their spans', () => {
    const script = `
      const { tracer, enableTracing, alwaysOffSampler } = require(${JSON.stringify(join(__dirname, '../dist/index.js'))})
      const core = require('@hashira/core')
      enableTracing({ sampler: alwaysOffSampler, sinks: [], tail: {} })
      const contexts = []
      const refs = []
      for (let i = 0; i < 100; i++) {
        const root = tracer.startSpan('root')
        const context = core.withSpan(core.rootContext, root)
        const tags = ['x'.repeat(100)]
        refs.push(new WeakRef(tags))
        const span = tracer.startSpan('child', {}, context)
        span.pushAttribute('tags', tags)
        span.end()
        root.end()
        contexts.push(context)
      }
      ;(async () => {
        for (let i = 0; i < 5; i++) { await new Promise(setImmediate); gc() }
        console.log(refs.filter((ref) => ref.deref()).length, contexts.length)
      })()`
    const output = execFileSync(process.execPath, ['--expose-gc', '-e', script], {
      cwd: __dirname,
      encoding: 'utf8',
    })
    assert.equal(output.trim(), '0 100')
  })
})
