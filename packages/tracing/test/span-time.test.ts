import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { faultCounts, rootContext, withSpan } from '@hashira/core'
import { tracer } from '@hashira/tracing'
import type { TimeInput } from '@opentelemetry/api'
import { record, type SeeingSink, type SeenSpan } from './support'

let sink: SeeingSink
beforeEach(() => {
  sink = record()
})

const realNow = Date.now
afterEach(() => {
  Date.now = realNow
})

const startMs = (span: SeenSpan) => span.startSeconds * 1_000 + span.startNanos / 1e6
const endMs = (span: SeenSpan) => span.endSeconds * 1_000 + span.endNanos / 1e6

describe('times', () => {
  it('are of the wall clock, as whole seconds and nanoseconds', () => {
    const before = Date.now()
    tracer.startSpan('a').end()
    const seen = sink.one()
    assert.ok(startMs(seen) >= before - 1 && endMs(seen) <= Date.now() + 1)
    for (const value of [seen.startSeconds, seen.startNanos, seen.endSeconds, seen.endNanos]) {
      assert.ok(Number.isInteger(value) && value >= 0)
    }
    assert.ok(seen.startNanos < 1e9 && seen.endNanos < 1e9)
  })

  it('may be given as [s, ns], Date, Unix milliseconds or performance.now()', () => {
    const cases: [TimeInput, seconds: number, nanos: number][] = [
      [[1_700_000_000, 123_456_789], 1_700_000_000, 123_456_789],
      [new Date(1_700_000_000_123), 1_700_000_000, 123_000_000],
      [1_700_000_000_123, 1_700_000_000, 123_000_000],
    ]
    for (const [time, seconds, nanos] of cases) {
      tracer.startSpan('a', { startTime: time }).end(time)
      const seen = sink.one()
      assert.deepEqual([seen.startSeconds, seen.startNanos], [seconds, nanos])
      assert.deepEqual([seen.endSeconds, seen.endNanos], [seconds, nanos])
    }
    const reading = performance.now()
    const unixMs = Date.now()
    tracer.startSpan('a', { startTime: reading - 0.5 }).end(reading)
    const seen = sink.one()
    assert.ok(Math.abs(startMs(seen) - unixMs) < 50)
    assert.ok(Math.abs(endMs(seen) - startMs(seen) - 0.5) < 0.01)
  })

  it('that are none are ignored and counted', () => {
    const bad = [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      -1e15,
      1e20,
      new Date(Number.NaN),
      [1],
      [1, 'x'],
      [-1, 0],
      [1, 1e9],
      'yesterday',
      {},
      5n,
      Symbol('x'),
    ]
    for (const time of bad) {
      const before = faultCounts().get('time') ?? 0
      tracer.startSpan('a', { startTime: time as never }).end(time as never)
      const seen = sink.one()
      assert.ok(Math.abs(endMs(seen) - Date.now()) < 1_000, String(time))
      assert.ok(startMs(seen) <= endMs(seen))
      assert.equal((faultCounts().get('time') ?? 0) - before, 2)
    }
  })

  it('give a duration of zero when the end is before the start', () => {
    tracer.startSpan('a', { startTime: [1_700_000_000, 5] }).end([1_700_000_000, 4])
    const seen = sink.one()
    assert.deepEqual([seen.endSeconds, seen.endNanos], [seen.startSeconds, seen.startNanos])
  })

  it('of a trace come from one clock, whatever happens to the wall clock meanwhile', () => {
    const root = tracer.startSpan('root')
    Date.now = () => realNow() + 3_600_000
    tracer.startSpan('child', {}, withSpan(rootContext, root)).end()
    const child = sink.one()
    root.addEvent('late').end()
    const seen = sink.one()
    assert.ok(startMs(seen) <= startMs(child) && endMs(child) <= endMs(seen))
    assert.ok(endMs(seen) - startMs(seen) < 1_000)
  })

  it('of the next root follow the wall clock: a frozen process does not shift it', () => {
    Date.now = () => realNow() + 3_600_000
    tracer.startSpan('root').end()
    assert.ok(Math.abs(startMs(sink.one()) - realNow() - 3_600_000) < 1_000)
    Date.now = realNow
    tracer.startSpan('root').end()
    assert.ok(Math.abs(startMs(sink.one()) - realNow()) < 1_000)
  })

  it('of a child follow the wall clock when the parent ended long ago', () => {
    const root = tracer.startSpan('root')
    root.end()
    sink.one()
    Date.now = () => realNow() + 3_600_000
    tracer.startSpan('child', {}, withSpan(rootContext, root)).end()
    assert.ok(Math.abs(startMs(sink.one()) - realNow() - 3_600_000) < 1_000)
  })
})
