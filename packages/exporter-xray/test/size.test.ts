import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { faultCounts } from '@hashira/core'
import { attributes, childOf, exception } from './support'

describe('size', () => {
  const big = (characters: number) => 'x'.repeat(characters)
  const bytesOf = (document: object) => Buffer.byteLength(JSON.stringify(document))
  const frames = Array.from({ length: 50 }, (_, i) => `    at f${i} (/${big(240)}:${i + 1}:1)`).join('\n')
  const stackOf = (count: number) =>
    Array.from({ length: count }, () => exception(['exception.message', 'm', 'exception.stacktrace', frames]))

  it('cuts stacks first, and keeps the rest', () => {
    const before = faultCounts().get('xray_document_cut') ?? 0
    const document = childOf({ name: 'a', events: stackOf(6), attributes: attributes(['k', big(5_000)]) })
    assert.ok(bytesOf(document) <= 65_477)
    assert.deepEqual(
      document['cause'].exceptions.map(({ stack, truncated }: { stack: []; truncated: number }) => [
        stack.length,
        truncated,
      ]),
      Array.from({ length: 6 }, () => [10, 40]),
    )
    assert.equal(document['metadata'].default.k.length, 5_000)
    assert.equal(faultCounts().get('xray_document_cut'), before + 1)
  })

  it('then metadata, long texts before all of it', () => {
    const document = childOf({ name: 'a', attributes: attributes(['long', big(70_000), 'short', 's']) })
    assert.equal(document['metadata'].default.short, 's')
    assert.equal(document['metadata'].default.long, `${big(1_000)}…`)
    const many = Array.from({ length: 128 }, (_, i) => [`k${i}`, big(900)]).flat()
    const bare = childOf({ name: 'a', attributes: attributes(many), statusCode: 2, statusMessage: 'why' })
    assert.equal(bare['metadata'], undefined)
    assert.equal(bare['cause'].exceptions[0].message, 'why')
  })

  it('then annotations and links', () => {
    const control = '\u0001'.repeat(1_000)
    const flat = Array.from({ length: 50 }, (_, i) => [`k${i}`, control]).flat()
    const document = childOf({ name: 'a', attributes: attributes(flat) }, { indexAllAttributes: true })
    assert.equal(document['annotations'], undefined)
    assert.ok(bytesOf(document) <= 65_477)
  })

  it('a document of exactly the limit is whole', () => {
    const empty = bytesOf(childOf({ name: 'a', attributes: attributes(['k', 'x']) })) - 1
    const whole = childOf({ name: 'a', attributes: attributes(['k', big(65_477 - empty)]) })
    assert.equal(bytesOf(whole), 65_477)
    assert.equal(whole['metadata'].default.k.length, 65_477 - empty)
    assert.equal(
      childOf({ name: 'a', attributes: attributes(['k', big(65_478 - empty)]) })['metadata'].default.k.length,
      1_001,
    )
  })
})
