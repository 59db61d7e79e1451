import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import {
  booleanOption,
  choiceOption,
  codeOption,
  describe as describeValue,
  functionOption,
  headersOption,
  integerOption,
  isHashiraError,
  listOption,
  numberOption,
  type OptionTable,
  resolveOptions,
  secretOption,
  setDiagnosticSink,
  textOption,
  urlOption,
} from '@hashira/core'

const table = {
  host: textOption(['X_FIRST_HOST', 'X_HOST'], 'localhost'),
  port: integerOption('X_PORT', 9464, 1, 65_535),
  ratio: numberOption('X_RATIO', 1, 0, 1),
  quiet: booleanOption('X_QUIET', false),
  protocol: choiceOption('X_PROTOCOL', 'http/protobuf', ['http/protobuf', 'http/json']),
  names: listOption('X_NAMES', undefined),
  url: urlOption('X_URL', undefined),
  headers: headersOption('X_HEADERS'),
  key: secretOption('X_KEY'),
  hook: functionOption<() => void>(),
  shape: codeOption<{ a: number }, undefined>(undefined, 'an object with a', (value) =>
    typeof value === 'object' && value !== null && 'a' in value ? (value as { a: number }) : undefined,
  ),
}

let said: string[] = []
beforeEach(() => {
  said = []
  setDiagnosticSink((_level, line) => said.push(line))
})
afterEach(() => setDiagnosticSink(undefined))

const values = (given?: object, env = {}) => resolveOptions('demo()', table, given, env).values
const origins = (given?: object, env = {}) => resolveOptions('demo()', table, given, env).origins

describe('where a value comes from', () => {
  test('code, then the environment, then the default', () => {
    const env = { X_HOST: 'from-env', X_PORT: '1' }
    assert.equal(values({ host: 'from-code' }, env).host, 'from-code')
    assert.equal(values({ host: undefined }, env).host, 'from-env')
    assert.equal(values({}, {}).host, 'localhost')
    assert.deepEqual(origins({ port: 2 }, env).port, { from: 'code' })
    assert.deepEqual(origins({}, env).port, { from: 'env', variable: 'X_PORT' })
    assert.deepEqual(origins().port, { from: 'default' })
  })
  test('the first variable that is set and not empty', () => {
    assert.equal(values({}, { X_FIRST_HOST: 'a', X_HOST: 'b' }).host, 'a')
    assert.equal(values({}, { X_FIRST_HOST: ' ', X_HOST: 'b' }).host, 'b')
    assert.equal(values({}, { X_FIRST_HOST: '', X_HOST: '' }).host, 'localhost')
  })
})

describe('from the environment', () => {
  const parsed: [variable: string, text: string, option: keyof typeof table, value: unknown][] = [
    ['X_PORT', ' 80 ', 'port', 80],
    ['X_RATIO', '0.25', 'ratio', 0.25],
    ['X_RATIO', '1e-3', 'ratio', 0.001],
    ['X_QUIET', 'TRUE', 'quiet', true],
    ['X_QUIET', 'false', 'quiet', false],
    ['X_PROTOCOL', 'HTTP/JSON', 'protocol', 'http/json'],
    ['X_NAMES', ' a, b ,,c', 'names', ['a', 'b', 'c']],
    ['X_URL', 'http://localhost:4318/v1', 'url', 'http://localhost:4318/v1'],
    ['X_HEADERS', 'authorization=Basic%20x, b = c', 'headers', { authorization: 'Basic x', b: 'c' }],
  ]
  for (const [variable, text, option, value] of parsed) {
    test(`${variable}=${text}`, () => {
      assert.deepEqual(values({}, { [variable]: text })[option], value)
      assert.deepEqual(said, [])
    })
  }

  const bad: [variable: string, text: string, option: keyof typeof table][] = [
    ['X_PORT', '0', 'port'],
    ['X_PORT', '65536', 'port'],
    ['X_PORT', '80.5', 'port'],
    ['X_PORT', '0x50', 'port'],
    ['X_RATIO', '1.1', 'ratio'],
    ['X_RATIO', 'NaN', 'ratio'],
    ['X_QUIET', '1', 'quiet'],
    ['X_QUIET', 'constructor', 'quiet'],
    ['X_PROTOCOL', 'grpc', 'protocol'],
    ['X_URL', 'localhost:4318', 'url'],
    ['X_URL', 'ftp://a', 'url'],
  ]
  for (const [variable, text, option] of bad) {
    test(`${variable}=${text} is one coded warning and the default`, () => {
      const env = { [variable]: text }
      assert.equal(values({}, env)[option], table[option].default)
      assert.equal(values({}, env)[option], table[option].default)
      assert.equal(said.length, 1)
      assert.match(said[0]!, /\[HASHIRA_OPTION_INVALID\]/)
      for (const part of [variable, text, table[option].allowed]) assert.ok(said[0]!.includes(part), said[0])
    })
  }

  test('a secret that is bad is not shown', () => {
    assert.deepEqual(values({}, { X_HEADERS: 'hush-hush' }).headers, {})
    assert.equal(said.length, 1)
    assert.doesNotMatch(said[0]!, /hush/)
  })
})

describe('what a mistyped URL may hold', () => {
  const urls = [
    'user:hush@collector:4318',
    'htp://user:hush@collector/',
    'htp://hush@collector/path',
    'htp://collector/v1?key=hush&b=hush',
  ]
  for (const url of urls)
    test(`${url}: is not shown`, () => {
      assert.equal(values({}, { X_URL: url }).url, undefined)
      assert.doesNotMatch(said.join(), /hush/)
      assert.match(said.join(), /collector/)
      for (const given of [{ url }, { url: [url] }, { hook: url }])
        assert.throws(
          () => values(given),
          (error: Error) => !error.message.includes('hush'),
        )
    })
})

describe('from code', () => {
  const bad: [option: string, value: unknown][] = [
    ['host', ''],
    ['host', 7],
    ['port', '80'],
    ['port', 0],
    ['port', Number.NaN],
    ['ratio', -0.1],
    ['quiet', 'true'],
    ['protocol', 'HTTP/JSON'],
    ['names', 'a,b'],
    ['names', ['']],
    ['url', 'nowhere'],
    ['hook', {}],
    ['shape', {}],
    ['host', null],
  ]
  for (const [option, value] of bad) {
    test(`${option}: ${describeValue(value)} throws a coded error that says what is allowed`, () => {
      assert.throws(
        () => values({ [option]: value }),
        (error) => {
          assert.ok(isHashiraError(error))
          assert.equal(error.code, 'HASHIRA_OPTION_INVALID')
          const parts = [
            'demo()',
            `"${option}"`,
            describeValue(value),
            (table as OptionTable)[option]!.allowed,
          ]
          for (const part of parts) assert.ok(error.message.includes(part), error.message)
          return true
        },
      )
    })
  }

  test('secrets are never shown', () => {
    for (const given of [
      { key: { hush: 1 } },
      { headers: { authorization: 'hush\n' } },
      { headers: { hush: 1 } },
    ]) {
      assert.throws(
        () => values(given),
        (error) =>
          isHashiraError(error) && error.code === 'HASHIRA_OPTION_INVALID' && !error.message.includes('hush'),
      )
    }
  })

  test('an unknown option, and options that are no object', () => {
    assert.throws(
      () => values({ prot: 1 }),
      (error) =>
        isHashiraError(error) &&
        error.code === 'HASHIRA_OPTION_UNKNOWN' &&
        error.message.includes('"prot"') &&
        error.message.includes('port'),
    )
    assert.equal(values({ prot: undefined }).port, 9464)
    for (const given of ['x', 7, null]) {
      assert.throws(
        () => values(given as never),
        (error) => isHashiraError(error) && error.code === 'HASHIRA_OPTION_INVALID',
      )
    }
  })
})

test('describe never throws and stays short', () => {
  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = cyclic
  const hostile = new Proxy(
    {},
    {
      get() {
        throw new Error('no')
      },
      ownKeys() {
        throw new Error('no')
      },
    },
  )
  for (const value of [
    cyclic,
    hostile,
    1n,
    Symbol('s'),
    () => 1,
    'x'.repeat(10_000),
    { long: 'x'.repeat(10_000) },
    undefined,
    null,
  ]) {
    assert.ok(describeValue(value).length <= 100)
  }
})
