import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { attributes, childOf, documentOf } from './support'

describe('annotations and metadata', () => {
  it('every attribute type', () => {
    const flat = [
      ...['text', 'a', 'whole', 7, 'fraction', 0.5, 'huge', 1e300, 'yes', true, 'no', false, 'empty', ''],
      ...[
        'list',
        ['a', null],
        'numbers',
        [1, 2.5],
        'bools',
        [true],
        'none',
        [],
        'nan',
        Number.NaN,
        '__proto__',
        'x',
      ],
      ...['infinite', [1, Number.POSITIVE_INFINITY]],
    ]
    const { metadata, annotations } = childOf({ name: 'a', attributes: attributes(flat) })
    assert.equal(annotations, undefined)
    assert.deepEqual(Object.entries(metadata.default), [
      ['text', 'a'],
      ['whole', 7],
      ['fraction', 0.5],
      ['huge', 1e300],
      ['yes', true],
      ['no', false],
      ['empty', ''],
      ['list', ['a', null]],
      ['numbers', [1, 2.5]],
      ['bools', [true]],
      ['none', []],
      ['nan', 'NaN'],
      ['__proto__', 'x'],
      ['infinite', [1, 'Infinity']],
    ])
  })

  it('annotates what options, the span itself and its prefix name', () => {
    const document = childOf(
      {
        name: 'a',
        attributes: attributes([
          ...['tenant.id', 't1', 'tier', 2, 'annotation.beta', true, 'tags', ['x'], 'other', 'o'],
          ...['aws.xray.annotations', ['tier'], 'http.request.method', 'GET'],
        ]),
      },
      { annotations: ['tenant.id', 'tags', 'http.request.method'] },
    )
    assert.deepEqual(document['annotations'], {
      tenant_id: 't1',
      tier: 2,
      beta: true,
      http_request_method: 'GET',
    })
    assert.deepEqual(document['metadata'], { default: { tags: ['x'], other: 'o' } })
    assert.equal(document['http'].request.method, 'GET')
  })

  it('of two keys that become one the first is the annotation, the other stays metadata', () => {
    const document = childOf(
      { name: 'a', attributes: attributes(['a.b', 1, 'a-b', 2]) },
      { indexAllAttributes: true },
    )
    assert.deepEqual(document['annotations'], { a_b: 1 })
    assert.deepEqual(document['metadata'], { default: { 'a-b': 2 } })
  })

  it('resource attributes by their names', () => {
    const document = documentOf({}, { annotations: ['otel.resource.process.pid'] })
    assert.deepEqual(document['annotations'], { otel_resource_process_pid: 42 })
  })

  it('keeps to 50 annotations, their keys to 500 and values to 1,000 characters', () => {
    const flat = Array.from({ length: 60 }, (_, i) => [`k${i}`, i]).flat()
    const { annotations, metadata } = childOf(
      { name: 'a', attributes: attributes(['x'.repeat(600), 'é'.repeat(1_100), ...flat]) },
      { indexAllAttributes: true },
    )
    assert.equal(Object.keys(annotations).length, 50)
    assert.equal(annotations['x'.repeat(500)].length, 1_000)
    assert.equal(Object.keys(metadata.default).length, 12, 'what does not fit, and the text that was cut')
    assert.equal(metadata.default['x'.repeat(600)].length, 1_100)
  })

  it('namespaces by aws.xray.metadata.NAMESPACE', () => {
    const { metadata } = childOf({
      name: 'a',
      attributes: attributes(['aws.xray.metadata.cart', '{"items":[1]}', 'aws.xray.metadata.bad', '[1']),
    })
    assert.deepEqual(metadata, {
      cart: { items: [1] },
      default: { 'aws.xray.metadata.bad': '[1' },
    })
  })
})

describe('names', () => {
  const cases: readonly [string, string][] = [
    ['GET /users/:id', 'GET /users/:id'],
    ['SELECT * FROM "t"', 'SELECT _ FROM _t_'],
    ['a\n\tb', 'a b'],
    ['Grüße 柱 7', 'Grüße 柱 7'],
    ['', 'span'],
    ['😀', '_'],
    ['x'.repeat(300), 'x'.repeat(200)],
    ['a_.:/%&#=+\\-@b', 'a_.:/%&#=+\\-@b'],
  ]
  for (const [name, expected] of cases)
    it(JSON.stringify(name.slice(0, 30)), () => assert.equal(childOf({ name })['name'], expected))
})
