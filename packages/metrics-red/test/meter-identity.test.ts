import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { familiesOf, freshMeter, said, valuesOf } from './meters'

describe('instrument names', () => {
  const good = ['a', 'A', 'http.server.request.duration', 'a_b-c/d', 'x9', `a${'b'.repeat(254)}`]
  const bad = ['', ' ', '1a', '_a', '.a', 'a b', 'ä', 'a\n', 'a%', `a${'b'.repeat(255)}`]

  for (const name of good)
    test(`${name.slice(0, 40)} is one`, async () => {
      const { meter, scope } = freshMeter()
      const lines = await said(() => meter.createCounter(name).add(1))
      assert.deepEqual(lines, [])
      assert.equal((await familiesOf(scope))[0]?.name, name)
    })

  for (const name of [...bad, undefined, null, 1, {}, Symbol('x')])
    test(`${String(JSON.stringify(name) ?? typeof name).slice(0, 40)} is none: said, and nothing is measured`, async () => {
      const { meter, scope } = freshMeter()
      const lines = await said(() => {
        meter.createCounter(name as string).add(1)
        meter
          .createCounter(name as string)
          .bind({ a: 1 })
          .add(1)
        meter.createHistogram(name as string).record(1)
        meter.createObservableGauge(name as string).addCallback((result) => result.observe(1))
      })
      assert.equal(lines.length, 1, lines.join('\n'))
      assert.match(lines[0] as string, new RegExp(`meter ${scope}: .*HASHIRA_INSTRUMENT_INVALID`))
      assert.deepEqual(await familiesOf(scope), [])
    })
})

describe('the same instrument twice', () => {
  test('is one, without a word', async () => {
    const { meter, scope } = freshMeter()
    const options = { description: 'x', unit: 's' }
    const lines = await said(() => {
      assert.equal(meter.createCounter('c', options), meter.createCounter('c', options))
      meter.createCounter('c', options).add(1)
      meter.createCounter('c', options).add(2)
    })
    assert.deepEqual(lines, [])
    assert.deepEqual(await valuesOf(scope), [[{}, 3]])
  })

  test('in another case is the first one, said once', async () => {
    const { meter, scope } = freshMeter()
    const lines = await said(() => {
      meter.createCounter('Queue.Size').add(1)
      meter.createCounter('queue.size').add(2)
      meter.createCounter('queue.size').add(4)
    })
    assert.equal(lines.length, 1)
    assert.match(
      lines[0] as string,
      /Queue\.Size and queue\.size differ in case only.*HASHIRA_METRIC_CONFLICT/,
    )
    assert.deepEqual(
      (await familiesOf(scope)).map(({ name }) => name),
      ['Queue.Size'],
    )
    assert.deepEqual(await valuesOf(scope), [[{}, 7]])
  })

  test('with another description shows the longer one, said once', async () => {
    const { meter, scope } = freshMeter()
    const lines = await said(() => {
      meter.createCounter('c', { description: 'long description' }).add(1)
      meter.createCounter('c', { description: 'short' }).add(2)
      meter.createCounter('c', { description: 'the longest description' }).add(4)
      meter.createCounter('c').add(8)
    })
    assert.equal(lines.length, 1)
    assert.match(lines[0] as string, /two descriptions/)
    const [family, ...more] = await familiesOf(scope)
    assert.deepEqual(more, [])
    assert.equal(family?.description, 'the longest description')
    assert.deepEqual(await valuesOf(scope), [[{}, 15]])
  })

  for (const [what, create] of [
    [
      'kind',
      (meter: ReturnType<typeof freshMeter>['meter']) => meter.createUpDownCounter('C', { unit: 's' }),
    ],
    ['unit', (meter: ReturnType<typeof freshMeter>['meter']) => meter.createCounter('C', { unit: 'ms' })],
  ] as const)
    test(`with another ${what} is served beside the first, said once`, async () => {
      const { meter, scope } = freshMeter()
      const lines = await said(() => {
        meter.createCounter('c', { unit: 's' }).add(1)
        create(meter).add(2)
        create(meter).add(4)
      })
      assert.match(
        lines.join('\n'),
        /c exists as counter in "s" and is created again as .*HASHIRA_METRIC_CONFLICT/,
      )
      assert.equal(lines.filter((line) => /created again/.test(line)).length, 1)
      assert.deepEqual(
        (await familiesOf(scope)).map(({ name, points }) => [name, 'value' in points[0]! && points[0].value]),
        [
          ['c', 1],
          ['c', 6],
        ],
      )
    })
})

test('options that are none are as if not given', async () => {
  const { meter, scope } = freshMeter()
  const hostile = {
    get description(): string {
      throw new Error('no')
    },
  }
  for (const [i, options] of [null, 1, 'x', [], hostile, { description: 1, unit: {}, advice: 'x' }].entries())
    meter.createHistogram(`h${i}`, options as never).record(1)
  for (const { description, unit } of await familiesOf(scope)) assert.deepEqual([description, unit], ['', ''])
  assert.equal((await familiesOf(scope)).length, 6)
})
