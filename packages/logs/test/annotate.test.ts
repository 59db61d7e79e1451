import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import {
  annotate,
  faultCounts,
  type LogRecord,
  type Operation,
  rootContext,
  runInContext,
  spanOf,
  withOperation,
} from '@hashira/core'
import { configureLogs, correlate } from '@hashira/logs'
import pino10, { type DestinationStream, type Logger, type LoggerOptions } from 'pino'
import pino8 from 'pino8'
import pino9 from 'pino9'
import { IDS, inSpan, only, SERVICE, setService, sink } from './lines'

type Factory = (options: LoggerOptions, destination: DestinationStream) => Logger
const factories: [string, Factory][] = [
  ['8', pino8 as unknown as Factory],
  ['9', pino9 as unknown as Factory],
  ['10', pino10 as unknown as Factory],
]

beforeEach(setService)

function inRequest<T>(fn: (operation: Operation) => T): T {
  const operation: Operation = { recordError: () => undefined }
  return inSpan(() => runInContext(withOperation(rootContext, spanOf(), operation), () => fn(operation)))
}

/** How often a line has a key, as text: JSON.parse would not tell. */
const times = (line: string, key: string) => line.split(`"${key}":`).length - 1

for (const [version, pino] of factories) {
  describe(`annotated lines of pino ${version}`, () => {
    const configurations: Record<string, LoggerOptions> = {
      defaults: {},
      'formatters.log': { formatters: { log: (object) => ({ ...object, formatted: true }) } },
      mixin: { mixin: () => ({ mixed: 1 }) },
      nestedKey: { nestedKey: 'payload' },
      'no base, no time': { base: null, timestamp: false },
      crlf: { crlf: true },
    }
    for (const [name, options] of Object.entries(configurations)) {
      test(`${name}: root, earlier and later children, with ids and service`, () => {
        const [plain, out] = [sink(), sink()]
        const fixed = options.timestamp === false ? options : { timestamp: () => ',"time":1', ...options }
        const write = (root: Logger, early: Logger) => {
          for (const log of [root, early, early.child({ c: 3 }), root.child({ d: 4 })]) {
            log.info({ amount: 3 }, 'charging')
            log.info('text only')
          }
        }
        const twin = pino(fixed, plain)
        write(twin, twin.child({ b: 2 }))
        const root = pino(fixed, out)
        const early = root.child({ b: 2 })
        correlate(root)
        inRequest(() => {
          annotate({ 'tenant.id': 'acme', seats: 3, beta: true, roles: ['a', 'b'] })
          write(root, early)
        })
        const fields = { 'tenant.id': 'acme', seats: 3, beta: true, roles: ['a', 'b'] }
        assert.equal(out.lines.length, plain.lines.length)
        for (const [index, line] of plain.lines.entries()) {
          assert.deepEqual(JSON.parse(out.lines[index]!), {
            ...JSON.parse(line),
            ...IDS,
            ...SERVICE,
            ...fields,
          })
          assert.ok(out.lines[index]!.endsWith(options.crlf === true ? '}\r\n' : '}\n'))
        }
      })
    }

    test('exported records have them as attributes, whatever writes the line', () => {
      const records: unknown[] = []
      const append = ({ body, attributes }: LogRecord) =>
        void records.push([body, { ...attributes.toObject() }])
      configureLogs({ sinks: [{ append, refuse: () => undefined }] })
      try {
        const unchanged: LoggerOptions = { formatters: { log: (object) => object } }
        for (const options of [{}, unchanged]) {
          const log = correlate(pino({ base: null, ...options }, sink()))
          inRequest(() => {
            annotate({ 'tenant.id': 'acme', roles: ['a', 'b'] })
            log.info({ amount: 3 }, 'charging')
          })
        }
      } finally {
        configureLogs({ sinks: [] })
      }
      const expected = ['charging', { 'tenant.id': 'acme', roles: ['a', 'b'], amount: 3 }]
      assert.deepEqual(records, [expected, expected])
    })

    test('only lines after the call, and only of that request', () => {
      const out = sink()
      const log = correlate(pino({}, out))
      inRequest(() => {
        log.info('before')
        annotate({ tenant: 'a' })
        log.info('after')
      })
      inRequest(() => log.info('another request'))
      log.info('outside')
      const tenants = out.lines.map((line) => (JSON.parse(line) as { tenant?: string }).tenant)
      assert.deepEqual(tenants, [undefined, 'a', undefined, undefined])
    })

    test('the app’s own keys win, and no key comes twice', () => {
      const out = sink()
      const log = correlate(
        pino(
          {
            mixin: () => ({ mixed: 'app' }),
            base: { region: 'app' },
            formatters: { level: (label) => ({ severity: label }) },
          },
          out,
        ),
      )
      const keys = ['own', 'bound', 'mixed', 'region', 'severity', 'time', 'msg', 'trace_id', 'service.name']
      inRequest(() => {
        annotate(Object.fromEntries(keys.map((key) => [key, 'annotated'])))
        log.child({ bound: 'app' }).info({ own: 'app', deep: { quiet: 1 } }, 'the app’s')
      })
      const line = only(out.lines)
      for (const key of keys) {
        assert.notEqual(line[key], 'annotated', key)
        assert.equal(times(out.lines[0]!, key), 1, key)
      }
    })

    test('a key that JSON escapes is found as well', {
      skip: version !== '10' && 'only pino 10 escapes the keys of bindings',
    }, () => {
      const out = sink()
      const log = correlate(pino({}, out))
      inRequest(() => {
        annotate({ 'quo"te': 'annotated' })
        log.child({ 'quo"te': 'app' }).info('bound')
      })
      assert.equal(only(out.lines)['quo"te'], 'app')
      assert.equal(times(out.lines[0]!, 'quo\\"te'), 1)
    })

    test('a key that only stands deeper, or in a text, is no reason to leave one out', () => {
      const out = sink()
      const log = correlate(pino({}, out))
      inRequest(() => {
        annotate({ tenant: 'acme', 'quo"te': 1, '\u2028\\': 2 })
        log.info({ deep: { tenant: 'x' }, text: '"tenant":"x"' }, '"tenant":1')
      })
      const line = only(out.lines)
      assert.equal(line['tenant'], 'acme')
      assert.equal(line['quo"te'], 1)
      assert.equal(line['\u2028\\'], 2)
    })

    test('hostile fields leave the line valid', () => {
      const out = sink()
      const log = correlate(pino({}, out))
      const before = faultCounts().get('annotation') ?? 0
      inRequest(() => {
        annotate({ '"},{"': '"}\n{', nan: Number.NaN, lone: '\ud800', nul: '\u0000' })
        log.info('fine')
      })
      const line = only(out.lines)
      assert.equal(line['"},{"'], '"}\n{')
      assert.equal(line['lone'], '\ud800')
      assert.equal(line['nul'], '\u0000')
      assert.equal(out.lines[0]!.trimEnd().split('\n').length, 1)
      assert.equal((faultCounts().get('annotation') ?? 0) - before, 1)
    })

    test('a line of a request that let its fields go has none', () => {
      const out = sink()
      const log = correlate(pino({}, out))
      inRequest((operation) => {
        annotate({ tenant: 'acme' })
        operation.fields = undefined
        log.info('over')
      })
      assert.equal(only(out.lines)['tenant'], undefined)
    })
  })
}
