import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { faults, freshMeter, labels, pointsOf, said, valuesOf } from './meters'

describe('attributes', () => {
  test('are told apart whatever they contain', async () => {
    const { meter, scope } = freshMeter()
    const counter = meter.createCounter('c')
    const sets = [
      { a: 'x|', b: 'y' },
      { a: 'x', b: '|y' },
      { a: 'x","b":"y' },
      { a: '1' },
      { a: 1 },
      { a: true },
      { a: 'true' },
      { a: ['1'] },
      { a: [1] },
      { a: '["1"]' },
      { a: ['a', 'b'] },
      { a: ['a,b'] },
      { a: [null, 'null'] as string[] },
      { a: ['null', 'null'] },
      { a: [] },
      { a: '' },
      { b: '' },
      {},
      { __proto__x: 1 },
      JSON.parse('{"__proto__": "x"}'),
      { constructor: 'c', toString: 't' } as never,
      { a: Number.NaN },
      { a: Infinity },
    ]
    for (let round = 0; round < 2; round++) for (const set of sets) counter.add(1, set)
    const points = await pointsOf(scope)
    assert.equal(points.length, sets.length)
    for (const [i, { attributes, value }] of points.entries()) {
      assert.equal(value, 2)
      assert.deepEqual(Object.entries(labels(attributes)), Object.entries(sets[i] as object))
    }
  })

  test('are the same series in any order of the keys, which is that of the first time', async () => {
    const { meter, scope } = freshMeter()
    const counter = meter.createCounter('c')
    const orders = [
      ['b', 'a', 'c'],
      ['a', 'b', 'c'],
      ['c', 'b', 'a'],
      ['a', 'c', 'b'],
    ]
    for (let round = 0; round < 3; round++)
      for (const keys of orders) counter.add(1, Object.fromEntries(keys.map((key) => [key, `${key}!`])))
    const [point, ...more] = await pointsOf(scope)
    assert.deepEqual(more, [])
    assert.equal(point?.value, 12)
    assert.deepEqual(point?.attributes, ['b', 'b!', 'a', 'a!', 'c', 'c!'])
  })

  test('are looked at when they are given, not when they are read', async () => {
    const { meter, scope } = freshMeter()
    const counter = meter.createCounter('c')
    const attributes: Record<string, string | string[]> = { k: 'a', list: ['x'] }
    counter.add(1, attributes)
    attributes['k'] = 'b'
    ;(attributes['list'] as string[]).push('y')
    counter.add(2, attributes)
    assert.deepEqual(await valuesOf(scope), [
      [{ k: 'a', list: ['x'] }, 1],
      [{ k: 'b', list: ['x', 'y'] }, 2],
    ])
  })

  test('without a value are absent; inherited ones are nobody’s', async () => {
    const { meter, scope } = freshMeter()
    const counter = meter.createCounter('c')
    const nothing = { a: undefined, b: null } as never
    counter.add(1, nothing)
    counter.add(1, { k: 'v', a: undefined })
    counter.add(1, { k: 'v' })
    counter.add(1, Object.create({ k: 'inherited' }))
    class Labels {
      k = 'v'
      method() {}
    }
    counter.add(1, new Labels() as never)
    assert.deepEqual(await valuesOf(scope), [
      [{}, 2],
      [{ k: 'v' }, 3],
    ])
  })

  test('that are hostile never throw: what can be read counts, the rest is counted as faults', async () => {
    const { meter, scope } = freshMeter()
    const counter = meter.createCounter('c')
    const throwing = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('no keys')
        },
      },
    )
    const getter = {
      k: 'v',
      get bad(): string {
        throw new Error('no value')
      },
    }
    const cyclic: Record<string, unknown> = { k: 'v' }
    cyclic['self'] = cyclic
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    assert.equal(
      await faults('metric_attributes', () => {
        for (const bad of [throwing, proxy, 'text', [1, 2]]) counter.add(1, bad as never)
      }),
      4,
    )
    assert.equal(
      await faults('metric_attribute', () => {
        counter.add(10, getter)
        counter.add(10, cyclic as never)
        for (const bad of [
          Symbol('x'),
          1n,
          () => 1,
          {},
          new Date(),
          [{}],
          ['a', 1],
          [Symbol('x')],
          new Map(),
        ])
          counter.add(10, { k: 'v', bad } as never)
        counter.add(10, { k: 'v', '': 'no key' })
        counter.add(10, { k: 'v', [`${'k'.repeat(9_000)}`]: 'key too long' })
      }),
      13,
    )
    assert.deepEqual(await valuesOf(scope), [
      [{}, 4],
      [{ k: 'v' }, 130],
    ])
  })

  test('are bounded in number and length', async () => {
    const { meter, scope } = freshMeter()
    const counter = meter.createCounter('c')
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`k${i}`, i]))
    assert.equal(await faults('metric_attribute_count', () => counter.add(1, many)), 72)
    assert.equal(await faults('metric_attribute_length', () => counter.add(2, { k: 'x'.repeat(10_000) })), 1)
    counter.add(2, { k: 'x'.repeat(8_192) })
    const [first, second, ...more] = await pointsOf(scope)
    assert.deepEqual(more, [])
    assert.equal(first?.attributes.length, 256)
    assert.equal(String(second?.attributes[1]).length, 8_192)
    assert.equal(second?.value, 4)
  })

  test('whatever they are: one series for each set of attributes, and nothing is lost', async (t) => {
    const value = fc.oneof(
      fc.string({ maxLength: 2 }),
      fc.integer({ max: 3, min: 0 }),
      fc.boolean(),
      fc.array(fc.string({ maxLength: 1 }), { maxLength: 2 }),
    )
    const set = fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'x|'), value, { maxKeys: 4 })
    const seed = Date.now() & 0x7fff_ffff
    t.diagnostic(`seed ${seed}`)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(set, fc.integer({ min: 1, max: 9 })), { maxLength: 60 }),
        async (given) => {
          const { meter, scope } = freshMeter()
          const counter = meter.createCounter('c')
          const expected = new Map<string, number>()
          for (const [attributes, amount] of given) {
            counter.add(amount, attributes)
            const key = JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)))
            expected.set(key, (expected.get(key) ?? 0) + amount)
          }
          const actual = new Map(
            (await valuesOf(scope)).map(([attributes, sum]) => [
              JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))),
              sum,
            ]),
          )
          assert.deepEqual([...actual].sort(), [...expected].sort())
        },
      ),
      { numRuns: 60, seed },
    )
  })
})

test('beyond 2,000 series new ones are counted together, and one warning names the label that grew', async () => {
  const { meter, scope } = freshMeter()
  const counter = meter.createCounter('logins')
  const lines = await said(() => {
    for (let i = 0; i < 3_000; i++) counter.add(1, { region: `r${i % 4}`, 'user.id': i })
  })
  for (let i = 0; i < 3_000; i++) counter.add(1, { 'user.id': i, region: `r${i % 4}` })
  assert.equal(lines.length, 1)
  assert.match(
    lines[0] as string,
    /^logins has 2000 series.*user\.id, with 2000 values.*HASHIRA_METRIC_CARDINALITY/,
  )
  const values = await valuesOf(scope)
  assert.equal(values.length, 2_001)
  assert.deepEqual(values.at(-1), [{ 'otel.metric.overflow': true }, 2_000])
  assert.ok(values.slice(0, -1).every(([, value]) => value === 2))
})
