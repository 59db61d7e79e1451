import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { addMetricSource, currentResource } from '@hashira/core'
import { createPipeline } from '@hashira/delivery'
import { copySpan, findSpan, memoryExporter, outline, spanTree } from '@hashira/testing'
import { record } from './records'

describe('memoryExporter', () => {
  test('keeps copies of spans as they end, and accounts for them through delivery', async () => {
    const memory = memoryExporter()
    const pipeline = createPipeline({
      exporter: memory.name,
      signal: 'traces',
      encoder: memory.traces.createEncoder(currentResource()),
      transport: memory.traces.transport,
    })
    const ended = record('GET /', 'a')
    pipeline.append(ended)
    ended.attributes.set('later', true)
    ended.name = 'later'
    assert.equal(memory.spans.length, 1)
    const [span] = memory.spans
    assert.equal(span!.name, 'GET /')
    assert.deepEqual(Object.entries(span!.attributes), [
      ['list', [1, 2]],
      ['__proto__', 'x'],
    ])
    assert.equal(span!.startUnixMs, 1_999)
    assert.equal(span!.durationMs, 1.5)
    assert.deepEqual(span!.events, [{ name: 'e', timeUnixMs: 2_000, attributes: { a: 1 } }])
    assert.equal(await pipeline.flush(Date.now() + 5_000), true)
    const { ended: count, delivered, pending } = pipeline.account()
    assert.deepEqual([count, delivered, pending], [1, 1, 0])
    await pipeline.shutdown(Date.now() + 5_000)
    memory.reset()
    assert.equal(memory.spans.length, 0)
  })

  test('shows the metrics of every source', async () => {
    const remove = addMetricSource({
      name: 'x',
      collect: () => ({ families: [], failures: [{ name: 'y', error: 1 }] }),
    })
    const snapshot = await memoryExporter().snapshot()
    remove()
    assert.deepEqual(
      snapshot.failures.map(({ name }) => name),
      ['y'],
    )
  })
})

describe('trees', () => {
  const spans = [
    record('query', 'c', 'b', 3),
    record('charge', 'b', 'a', 2),
    record('GET /orders', 'a', undefined, 1),
    record('early child', 'd', 'a', 1),
    record('orphan', 'e', 'f', 9),
  ].map(copySpan)

  test('children under their parents, by start', () => {
    assert.equal(outline(spans), 'GET /orders\n  early child\n  charge\n    query\norphan')
    const [root] = spanTree(spans)
    assert.equal(root!.children[1]!.children[0]!.span.name, 'query')
    assert.equal(outline([]), '')
  })

  test('findSpan finds by name or function, and says what there is', () => {
    assert.equal(findSpan(spans, 'charge').spanId, 'b'.repeat(16))
    assert.equal(findSpan(spans, ({ parentSpanId }) => parentSpanId === undefined).name, 'GET /orders')
    assert.throws(() => findSpan(spans, 'nothing'), /no span named "nothing"; there are:\nGET \/orders\n/)
    assert.throws(() => findSpan([], () => true), /no span that matches; there are:\n\(none\)/)
  })
})
