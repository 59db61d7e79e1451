import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { faultCounts, type SpanRecord } from '@hashira/core'
import { alwaysOnSampler, disableTracing, enableTracing, spanCounts, tracer } from '@hashira/tracing'
import { record, SeeingSink } from './support'

const faults = (reason: string) => faultCounts().get(reason) ?? 0

describe('the hook', () => {
  it('redacts and renames before any sink sees the span', () => {
    const sink = record({
      onSpanEnd(span) {
        span.attributes.delete('secret')
        span.attributes.set('seen', true)
        span.name = 'renamed'
      },
    })
    tracer.startSpan('a', { attributes: { secret: 'x', kept: 1 } }).end()
    const seen = sink.one()
    assert.deepEqual([seen.name, seen.attributes], ['renamed', { kept: 1, seen: true }])
  })

  it('drops with `false`, and every sink counts it', () => {
    const sinks = [new SeeingSink(), new SeeingSink()]
    record({ sinks, onSpanEnd: (span) => (span.name === 'drop' ? false : undefined) })
    tracer.startSpan('drop').end()
    tracer.startSpan('keep').end()
    for (const sink of sinks) {
      assert.deepEqual(sink.refused, ['hook'])
      assert.equal(sink.one().name, 'keep')
    }
  })

  it('that throws or returns a promise lets nothing through that it was to redact', async () => {
    const hooks = [
      () => {
        throw new Error('hook')
      },
      async () => undefined,
      async () => {
        throw new Error('async hook')
      },
    ]
    for (const onSpanEnd of hooks) {
      const before = faults('hook')
      const sink = record({ onSpanEnd: onSpanEnd as unknown as (span: SpanRecord) => void })
      tracer.startSpan('a').end()
      await new Promise(setImmediate)
      assert.deepEqual([sink.spans.length, sink.refused], [0, ['hook_error']])
      assert.equal(faults('hook'), before + 1)
    }
  })
})

describe('sinks', () => {
  it('are fed each on its own: one that throws takes nothing from the others', () => {
    const throwing = {
      append() {
        throw new Error('append')
      },
      refuse() {
        throw new Error('refuse')
      },
    }
    const sink = new SeeingSink()
    const before = faults('sink')
    record({ sinks: [throwing, sink], onSpanEnd: (span) => (span.name === 'b' ? false : undefined) })
    tracer.startSpan('a').end()
    tracer.startSpan('b').end()
    assert.equal(sink.one().name, 'a')
    assert.deepEqual(sink.refused, ['hook'])
    assert.equal(faults('sink'), before + 2)
  })

  it('are those of the settings when the span ends', () => {
    const first = record()
    const span = tracer.startSpan('a')
    const second = record()
    span.end()
    assert.equal(first.spans.length, 0)
    assert.equal(second.one().name, 'a')
  })

  it('do not change with the array that was given', () => {
    const sinks = [new SeeingSink()]
    enableTracing({ sampler: alwaysOnSampler, sinks })
    const [sink] = sinks.splice(0)
    tracer.startSpan('a').end()
    assert.equal(sink?.one().name, 'a')
  })

  it('get nothing after the end of tracing; the account of spans stays whole', () => {
    const sink = record()
    const before = spanCounts()
    const span = tracer.startSpan('a')
    assert.deepEqual(spanCounts(), {
      created: before.created + 1,
      ended: before.ended,
      open: before.open + 1,
    })
    disableTracing()
    span.setAttribute('a', 1).end()
    assert.deepEqual(spanCounts(), {
      created: before.created + 1,
      ended: before.ended + 1,
      open: before.open,
    })
    assert.equal(sink.spans.length, 0)
  })
})
