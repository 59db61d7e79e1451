import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { disableTracing, tracer, trackOpenSpans } from '@hashira/tracing'
import { record } from './support'

const sink = record()
after(disableTracing)

it('open spans are known from the first question on, in the order of their starts', () => {
  const before = tracer.startSpan('before')
  const open = trackOpenSpans()
  assert.deepEqual([...open], [])
  const first = tracer.startSpan('first')
  const second = tracer.startSpan('second')
  assert.deepEqual([...open], [first, second])
  assert.equal(trackOpenSpans(), open)
  before.end()
  first.end()
  second.discard('test')
  assert.equal(open.size, 0)
  assert.deepEqual(sink.refused, ['test'])
})

it('at most 10,000 are, so that spans that never end are no leak', () => {
  const open = trackOpenSpans()
  const spans = Array.from({ length: 10_050 }, () => tracer.startSpan('never ends'))
  assert.equal(open.size, 10_000)
  for (const span of spans) span.end()
  assert.equal(open.size, 0)
})

it('spans that do not record are none', () => {
  disableTracing()
  tracer.startSpan('off')
  assert.equal(trackOpenSpans().size, 0)
})
