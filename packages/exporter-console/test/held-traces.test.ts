import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HeldTraces } from '../dist/held-traces.js'
import type { EndedSpan } from '../dist/trace-span.js'

const span = (spanId: string, parentSpanId?: string, isLocalRoot = false, traceId = 't'): EndedSpan => ({
  traceId,
  spanId,
  parentSpanId,
  isLocalRoot,
  name: spanId,
  startMs: 0,
  durationMs: 1,
})
const ids = (trees: readonly EndedSpan[][]) =>
  trees.map((tree) =>
    tree
      .map(({ spanId }) => spanId)
      .sort()
      .join(''),
  )

describe('HeldTraces', () => {
  it('holds spans until their local root is there', () => {
    const held = new HeldTraces({ maxSpans: 100, patienceMs: 1_000 })
    assert.deepEqual(ids(held.add([span('c', 'b')], 0)), [])
    assert.deepEqual(ids(held.add([span('b', 'a'), span('x', 'y', false, 'other')], 0)), [])
    assert.deepEqual(ids(held.add([span('a', 'remote', true)], 0)), ['abc'])
    assert.equal(held.spanCount, 1)
  })

  it('shows two requests of one trace as two trees', () => {
    const held = new HeldTraces({ maxSpans: 100, patienceMs: 1_000 })
    const spans = [span('b', 'a'), span('a', 'remote', true), span('d', 'c')]
    assert.deepEqual(ids(held.add(spans, 0)), ['ab'])
    assert.deepEqual(ids(held.add([span('c', 'remote', true)], 0)), ['cd'])
    assert.equal(held.spanCount, 0)
  })

  it('joins the request that a service makes to itself when both ends are there', () => {
    const held = new HeldTraces({ maxSpans: 100, patienceMs: 1_000 })
    const spans = [span('inner', 'client', true), span('client', 'outer'), span('outer', undefined, true)]
    assert.deepEqual(ids(held.add(spans, 0)), ['clientinnerouter'])
  })

  it('gives up waiting', () => {
    const held = new HeldTraces({ maxSpans: 100, patienceMs: 1_000 })
    held.add([span('b', 'a')], 0)
    held.add([span('d', 'c', false, 'other')], 900)
    assert.deepEqual(ids(held.expired(999)), [])
    assert.deepEqual(ids(held.expired(1_000)), ['b'])
    assert.deepEqual(ids(held.all()), ['d'])
    assert.equal(held.spanCount, 0)
  })

  it('never holds more than its bound, and loses nothing', () => {
    const held = new HeldTraces({ maxSpans: 10, patienceMs: 1_000 })
    let shown = 0
    for (let i = 0; i < 200; i++) {
      const trees = held.add([span(`s${i}`, 'gone', false, `t${i % 50}`)], 0)
      shown += trees.flat().length
      assert.ok(held.spanCount <= 10)
    }
    assert.equal(shown + held.all().flat().length, 200)
  })
})
