import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { rootContext, runInContext, suppressTracing } from '@hashira/core'
import { correlate, isPinoLogger } from '@hashira/logs'
import pino10, { type DestinationStream, type Logger, type LoggerOptions } from 'pino'
import pino8 from 'pino8'
import pino9 from 'pino9'
import { IDS, inSpan, only, SERVICE, setService, sink, TRACE } from './lines'

type Factory = (options: LoggerOptions, destination: DestinationStream) => Logger
const factories: [string, Factory][] = [
  ['8', pino8 as unknown as Factory],
  ['9', pino9 as unknown as Factory],
  ['10', pino10 as unknown as Factory],
]

beforeEach(setService)

for (const [version, pino] of factories) {
  describe(`pino ${version}`, () => {
    const fixed: LoggerOptions = { timestamp: () => ',"time":1' }

    /** Every way to configure pino: the line must be the one of an uncorrelated twin plus the fields. */
    const configurations: Record<string, LoggerOptions> = {
      defaults: {},
      'no base': { base: null },
      'no time': { timestamp: false },
      name: { name: 'checkout' },
      serializers: { serializers: { amount: (value: number) => `${value} EUR` } },
      redact: { redact: ['card.number', 'secret'] },
      'redact remove': { redact: { paths: ['secret'], remove: true } },
      'formatters.level': { formatters: { level: (label) => ({ severity: label }) } },
      'formatters.bindings': { formatters: { bindings: ({ pid }) => ({ processId: pid }) } },
      'formatters.log': { formatters: { log: (object) => ({ ...object, formatted: true }) } },
      mixin: { mixin: () => ({ mixed: 1 }) },
      messageKey: { messageKey: 'message' },
      errorKey: { errorKey: 'error' },
      nestedKey: { nestedKey: 'payload' },
      base: { base: { region: 'eu' } },
      crlf: { crlf: true },
      msgPrefix: { msgPrefix: '[shop] ' },
      'custom levels': { customLevels: { audit: 35 } },
      'log method hook': {
        hooks: {
          logMethod(args, method) {
            method.apply(this, args)
          },
        },
      },
      depthLimit: { depthLimit: 1, edgeLimit: 2 },
    }

    for (const [name, options] of Object.entries(configurations)) {
      test(`${name}: the twin's line and the fields`, () => {
        const [plain, correlated] = [sink(), sink()]
        const write = (log: Logger) => {
          const child = log.child({ order: 7 }, { serializers: { deep: () => 'child' } })
          for (const target of [log, child]) {
            const error = Object.assign(new Error('declined'), { stack: 'Error: declined' })
            target.info(
              { amount: 3, card: { number: '4242' }, secret: 's', deep: { a: { b: [1, 2, 3] } } },
              'charging %s',
              'card',
            )
            target.error(error)
            target.warn({ err: error }, 'with an error')
            target.info('text only')
            target.info({ onlyObject: true })
            target.debug('below the level')
            ;(target as Logger & { audit?: (text: string) => void }).audit?.('custom')
          }
        }
        write(pino({ ...fixed, ...options }, plain))
        inSpan(() => write(correlate(pino({ ...fixed, ...options }, correlated))))
        assert.equal(correlated.lines.length, plain.lines.length)
        for (const [index, line] of plain.lines.entries()) {
          const parsed = JSON.parse(correlated.lines[index]!) as Record<string, unknown>
          const twin = JSON.parse(line) as Record<string, unknown>
          assert.deepEqual(parsed, { ...twin, ...IDS, ...SERVICE })
          const keys = Object.keys(parsed).filter((key) => key in twin)
          assert.deepEqual(keys, Object.keys(twin))
          const lineEnd = options.crlf === true ? '}\r\n' : '}\n'
          assert.ok(correlated.lines[index]!.endsWith(lineEnd))
        }
      })
    }

    test('children made before and after, siblings and grandchildren', () => {
      const out = sink()
      const root = pino({}, out)
      const before = root.child({ a: 1 })
      correlate(before.child({ b: 2 }))
      inSpan(() => {
        root.info('root')
        before.info('before')
        before.child({ c: 3 }).info('grandchild')
        root.child({ d: 4 }, { level: 'debug', redact: ['x'] }).debug({ x: 1 }, 'after')
      })
      assert.equal(out.lines.length, 4)
      for (const line of out.lines) assert.equal((JSON.parse(line) as typeof IDS).trace_id, TRACE)
    })

    test('correlating again, or a child of a correlated one, changes nothing', () => {
      const out = sink()
      const log = correlate(correlate(pino({}, out)))
      correlate(log.child({})).info('once')
      inSpan(() => correlate(log.child({})).info('once'))
      assert.equal(out.lines[1]!.split('"trace_id"').length, 2)
    })

    test('another instance of the same pino is not touched', () => {
      const out = sink()
      correlate(pino({}, sink()))
      inSpan(() => pino({}, out).info('plain'))
      assert.equal(only(out.lines)['trace_id'], undefined)
    })

    test('own values stay, and no key comes twice', () => {
      const out = sink()
      const log = correlate(pino({}, out))
      inSpan(() => {
        log.info({ trace_id: 'mine' }, 'object')
        log.child({ trace_id: 'mine' }).info('bindings')
        log.child({ request: { trace_id: 'deeper' } }).info({ nested: { trace_id: 'deeper' } }, 'deeper')
        log.child({ 'service.name': 'mine' }).info('service')
        log.info(Object.create({ trace_id: 'inherited' }), 'inherited')
      })
      const count = (line: string, key: string) => line.split(`"${key}":`).length - 1
      const [object, bindings, deeper, service, inherited] = out.lines.map((line) => ({
        line,
        fields: JSON.parse(line),
      }))
      assert.equal(object!.fields.trace_id, 'mine')
      assert.equal(count(object!.line, 'trace_id'), 1)
      assert.equal(bindings!.fields.trace_id, 'mine')
      assert.equal(count(bindings!.line, 'trace_id'), 1)
      assert.equal(deeper!.fields.trace_id, TRACE)
      assert.equal(service!.fields['service.name'], 'mine')
      assert.equal(count(service!.line, 'service.name'), 1)
      assert.equal(service!.fields.trace_id, TRACE)
      assert.equal(inherited!.fields.trace_id, TRACE)
    })

    test('own values from a mixin and from formatters.log stay', () => {
      const out = sink()
      const mixed = correlate(pino({ mixin: () => ({ trace_id: 'mine' }) }, out))
      const formatted = correlate(pino({ formatters: { log: (o) => ({ ...o, trace_id: 'mine' }) } }, out))
      inSpan(() => {
        mixed.info('mixin')
        formatted.info('formatter')
      })
      for (const line of out.lines) {
        assert.equal(JSON.parse(line).trace_id, 'mine')
        assert.equal(line.split('"trace_id":').length, 2)
      }
    })

    test('with a nested key an object may have a trace_id of its own', () => {
      const out = sink()
      const log = correlate(pino({ nestedKey: 'payload' }, out))
      inSpan(() => log.info({ trace_id: 'mine' }, 'nested'))
      const line = only(out.lines)
      assert.deepEqual(line['payload'], { trace_id: 'mine' })
      assert.equal(line['trace_id'], TRACE)
    })

    test('spans that are not sampled, remote, suppressed or invalid, and no span', () => {
      const out = sink()
      const log = correlate(pino({}, out))
      inSpan(() => log.info('not sampled'), 0)
      inSpan(() => log.info('random'), 3)
      runInContext(suppressTracing(rootContext), () => log.info('suppressed'))
      inSpan(() => log.info('invalid'), 1, '0'.repeat(32))
      inSpan(() => log.info('bad'), 1, `"},{"${'0'.repeat(26)}`)
      log.info('outside')
      const flags = out.lines.map((line) => (JSON.parse(line) as typeof IDS).trace_flags)
      assert.deepEqual(flags, ['00', '03', undefined, undefined, undefined, undefined])
      for (const line of out.lines) assert.equal(JSON.parse(line)['service.name'], SERVICE['service.name'])
    })

    test('an object that throws when an unknown key is read still gets its line', () => {
      const out = sink()
      const picky = new Proxy(
        { a: 1 },
        {
          get(target, key) {
            if (typeof key === 'string' && key.startsWith('trace')) throw new Error('no such key')
            return Reflect.get(target, key)
          },
        },
      )
      inSpan(() => correlate(pino({}, out)).info(picky, 'picky'))
      assert.equal(only(out.lines)['a'], 1)
    })

    test('the logger is recognised', () => {
      assert.equal(isPinoLogger(pino({}, sink())), true)
      assert.equal(isPinoLogger(pino({}, sink()).child({})), true)
    })
  })
}
