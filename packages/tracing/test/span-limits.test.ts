import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { rootContext } from '@hashira/core'
import { defaultSpanLimits, tracer } from '@hashira/tracing'
import { SpanKind } from '@opentelemetry/api'
import { record } from './support'

const link = { context: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 } }
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]))

describe('span limits', () => {
  it('are OpenTelemetry’s, and 8 KiB for a value', () => {
    const { attributeValueLengthLimit, ...counts } = defaultSpanLimits
    assert.equal(attributeValueLengthLimit, 8_192)
    assert.deepEqual(new Set(Object.values(counts)), new Set([128]))
  })

  it('bound attributes, events, links and their attributes by default, and count what is dropped', () => {
    const sink = record()
    const span = tracer.startSpan('a', { attributes: many(130), links: new Array(130).fill(link) })
    span.setAttribute('new', 1).setAttribute('k0', 'changed')
    for (let i = 0; i < 130; i++) span.addEvent(`e${i}`)
    span.addEvent('last', many(200)).end()
    const seen = sink.one()
    assert.equal(Object.keys(seen.attributes).length, 128)
    assert.equal(seen.attributes['k0'], 'changed')
    assert.equal(seen.droppedAttributesCount, 3)
    assert.deepEqual([seen.events.length, seen.droppedEventsCount], [128, 3])
    assert.deepEqual([seen.events[0]?.name, seen.events[127]?.name], ['e3', 'last'])
    assert.equal(seen.events[127]?.droppedAttributesCount, 72)
    assert.deepEqual([seen.links.length, seen.droppedLinksCount], [128, 2])
  })

  it('can be set', () => {
    const sink = record({
      limits: {
        attributeCountLimit: 2,
        attributeValueLengthLimit: 3,
        eventCountLimit: 1,
        linkCountLimit: 1,
        attributePerEventCountLimit: 1,
        attributePerLinkCountLimit: 1,
      },
    })
    const span = tracer.startSpan('longer name', { attributes: { a: 'abcd', b: ['abcd', 'x'], c: 1 } })
    span.addEvent('one').addEvent('two', { a: 'abcd', b: 1 })
    span
      .addLink({ ...link, attributes: { a: 'abcd', b: 1 } })
      .addLink(link)
      .end()
    const seen = sink.one()
    assert.equal(seen.name, 'longer name')
    assert.deepEqual(seen.attributes, { a: 'abc', b: ['abc', 'x'] })
    assert.equal(seen.droppedAttributesCount, 1)
    assert.deepEqual(
      [seen.events.length, seen.droppedEventsCount, seen.events[0]?.attributes],
      [1, 1, { a: 'abc' }],
    )
    assert.equal(seen.events[0]?.droppedAttributesCount, 1)
    assert.deepEqual(
      [seen.links.length, seen.droppedLinksCount, seen.links[0]?.attributes],
      [1, 1, { a: 'abc' }],
    )
  })

  it('of zero keep nothing, of Infinity everything', () => {
    let sink = record({ limits: { attributeCountLimit: 0, eventCountLimit: 0, linkCountLimit: 0 } })
    tracer
      .startSpan('a', { attributes: { a: 1 }, links: [link] })
      .addEvent('e')
      .end()
    const none = sink.one()
    assert.deepEqual([none.attributes, none.events, none.links], [{}, [], []])
    assert.deepEqual(
      [none.droppedAttributesCount, none.droppedEventsCount, none.droppedLinksCount],
      [1, 1, 1],
    )
    const infinite = Number.POSITIVE_INFINITY
    sink = record({
      limits: {
        attributeCountLimit: infinite,
        attributeValueLengthLimit: infinite,
        eventCountLimit: infinite,
      },
    })
    const span = tracer.startSpan('a', { attributes: { ...many(2_000), long: 'x'.repeat(100_000) } })
    for (let i = 0; i < 1_000; i++) span.addEvent('e')
    span.end()
    const all = sink.one()
    assert.equal(Object.keys(all.attributes).length, 2_001)
    assert.equal((all.attributes['long'] as string).length, 100_000)
    assert.equal(all.events.length, 1_000)
  })

  it('never cut a surrogate pair in half, and leave a surrogate that was alone', () => {
    const sink = record({ limits: { attributeValueLengthLimit: 3 } })
    tracer
      .startSpan('a', { attributes: { pair: 'ab😀', fits: 'a😀x', lone: 'ab\ud83dx', low: 'ab\ude00x' } })
      .end()
    assert.deepEqual(sink.one().attributes, { pair: 'ab', fits: 'a😀', lone: 'ab\ud83d', low: 'ab\ude00' })
  })

  it('bound names and status messages too', () => {
    const sink = record()
    const long = 'x'.repeat(1_000_000)
    tracer.startSpan(long).addEvent(long).setStatus({ code: 2, message: long }).end()
    const seen = sink.one()
    assert.deepEqual(
      [seen.name.length, seen.events[0]?.name.length, seen.statusMessage?.length],
      [8_192, 8_192, 8_192],
    )
  })

  it('bound arrays: 1,000 elements, 65,536 characters together', () => {
    const sink = record()
    const numbers = Array.from({ length: 5_000 }, (_, i) => i)
    const texts = new Array(100).fill('x'.repeat(10_000))
    tracer.startSpan('a', { attributes: { numbers, texts, sparse: new Array(4e9) } }).end()
    const seen = sink.one()
    assert.equal((seen.attributes['numbers'] as number[]).length, 1_000)
    assert.equal((seen.attributes['texts'] as string[]).join('').length, 65_536)
    assert.equal((seen.attributes['sparse'] as string[]).length, 1_000)
  })

  it('hold for flat attributes', () => {
    const sink = record({ limits: { attributeCountLimit: 2, attributeValueLengthLimit: 3 } })
    const span = tracer.startFlatSpan('a', SpanKind.SERVER, ['a', 'abcd', 'b', 1, 'c', 2], rootContext)
    span.pushAttribute('d', 1)
    span.end()
    const seen = sink.one()
    assert.deepEqual(
      [seen.attributes, seen.droppedAttributesCount, seen.kind],
      [{ a: 'abc', b: 1 }, 2, SpanKind.SERVER],
    )
  })
})
