import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import {
  addMetricSource,
  collectMetrics,
  countFault,
  faultCounts,
  HashiraError,
  ignoreRejection,
  isHashiraError,
  type MetricFamily,
  say,
  setDiagnosticSink,
  warnOnce,
} from '@hashira/core'

let said: string[] = []
beforeEach(() => {
  said = []
  setDiagnosticSink((level, line) => said.push(`${level}: ${line}`))
})
afterEach(() => setDiagnosticSink(undefined))

describe('diagnostics', () => {
  test('say goes where the sink says', () => {
    say('info', 'hello')
    assert.deepEqual(said, ['info: hello'])
  })
  test('a line is one line, whatever an error brings with it', () => {
    say('info', 'one\r\n  two\n\nthree')
    assert.deepEqual(said, ['info: one two three'])
  })
  test('a rejection where nobody waits is counted, not felt', async () => {
    const before = faultCounts().get('test_rejection') ?? 0
    const throwing = {
      // biome-ignore lint/suspicious/noThenProperty: that is the point
      get then() {
        throw new Error('no')
      },
    }
    for (const value of [Promise.reject(new Error('no')), throwing])
      assert.equal(ignoreRejection(value, 'test_rejection'), true)
    for (const value of [undefined, null, 1, 'then', {}])
      assert.equal(ignoreRejection(value, 'test_rejection'), false)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(faultCounts().get('test_rejection'), before + 2)
  })
  test('a sink that throws is never felt', () => {
    const before = faultCounts().get('diagnostic_sink') ?? 0
    setDiagnosticSink(() => {
      throw new Error('broken')
    })
    say('warn', 'x')
    assert.equal(faultCounts().get('diagnostic_sink'), before + 1)
  })
  test('warnOnce says a thing once, by its key', () => {
    warnOnce('HASHIRA_PORT_BUSY', 'port 1 is taken', 'once-test')
    warnOnce('HASHIRA_PORT_BUSY', 'port 2 is taken', 'once-test')
    warnOnce('HASHIRA_OPTION_UNKNOWN', 'other code', 'once-test')
    assert.deepEqual(said, [
      'warn: port 1 is taken [HASHIRA_PORT_BUSY]',
      'warn: other code [HASHIRA_OPTION_UNKNOWN]',
    ])
  })
  test('faults are counted by reason', () => {
    const before = faultCounts().get('test_reason') ?? 0
    countFault('test_reason')
    countFault('test_reason', 2)
    assert.equal(faultCounts().get('test_reason'), before + 3)
  })
  test('errors are recognised by their brand and carry code and cause', () => {
    const cause = new Error('why')
    const error = new HashiraError('HASHIRA_PORT_BUSY', 'port 1', { cause })
    assert.ok(error instanceof Error && isHashiraError(error))
    assert.equal(error.cause, cause)
    assert.match(String(error), /HashiraError: port 1 \[HASHIRA_PORT_BUSY\]/)
    for (const other of [cause, null, undefined, 'x', { code: 'HASHIRA_PORT_BUSY' }])
      assert.equal(isHashiraError(other), false)
  })
})

describe('metric sources', () => {
  const family = (name: string): MetricFamily => ({
    name,
    naming: 'prometheus',
    description: '',
    unit: '',
    type: 'gauge',
    points: [{ attributes: [], startTimeUnixMs: 0, value: 1 }],
  })
  const names = async () => (await collectMetrics()).families.map(({ name }) => name)

  test('one that throws or rejects leaves the others whole and is counted', async () => {
    const remove = [
      addMetricSource({ name: 'good', collect: () => ({ families: [family('good')] }) }),
      addMetricSource({
        name: 'throws',
        collect: () => {
          throw new Error('broken')
        },
      }),
      addMetricSource({ name: 'rejects', collect: () => Promise.reject(new Error('broken')) }),
      addMetricSource({ name: 'shapeless', collect: () => undefined as never }),
      addMetricSource({
        name: 'partial',
        collect: async () => ({ families: [family('partial')], failures: [{ name: 'part', error: 1 }] }),
      }),
    ]
    const snapshot = await collectMetrics()
    const found = snapshot.families.map(({ name }) => name)
    assert.ok(found.includes('good') && found.includes('partial'))
    assert.deepEqual(snapshot.failures.map(({ name }) => name).sort(), [
      'part',
      'rejects',
      'shapeless',
      'throws',
    ])
    const counted = snapshot.families.find(({ name }) => name === 'hashira.metrics.collect.failures')
    assert.ok(counted?.type === 'counter')
    assert.deepEqual(counted.points.map(({ attributes, value }) => [attributes[1], value]).sort(), [
      ['part', 1],
      ['rejects', 1],
      ['shapeless', 1],
      ['throws', 1],
    ])
    for (const take of remove) take()
    assert.deepEqual(
      (await names()).filter((name) => name !== 'hashira.metrics.collect.failures'),
      [],
    )
  })

  test('a source is in every snapshot until it is taken out', async () => {
    const remove = addMetricSource({ name: 'x', collect: () => ({ families: [family('x')] }) })
    assert.ok((await names()).includes('x'))
    remove()
    remove()
    assert.ok(!(await names()).includes('x'))
  })
})
