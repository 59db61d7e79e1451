import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import {
  AttributeList,
  annotate,
  faultCounts,
  type LogRecord,
  type LogSink,
  rootContext,
  runInContext,
  say,
  setDiagnosticSink,
  setResource,
  withOperation,
} from '@hashira/core'
import { configureLogs, correlate, correlateFirstLine, type PublishedLine } from '@hashira/logs'
import fc from 'fast-check'
import fastify from 'fastify'
import pino10, { type DestinationStream, type Logger, type LoggerOptions } from 'pino'
import pino8 from 'pino8'
import pino9 from 'pino9'
import { VERSION } from '../dist/version.js'
import { inSpan, SERVICE, SPAN, sink, TRACE } from './lines'

type Factory = typeof pino10
const factories: [string, Factory][] = [
  ['8', pino8 as unknown as Factory],
  ['9', pino9 as unknown as Factory],
  ['10', pino10],
]

/** Keeps copies: a record is valid only while it is handed over. */
class Kept implements LogSink {
  readonly records: (Omit<LogRecord, 'attributes'> & { attributes: object; droppedCount: number })[] = []
  append(record: LogRecord): void {
    const { attributes } = record
    this.records.push({
      ...record,
      attributes: { ...attributes.toObject() },
      droppedCount: attributes.droppedCount,
    })
  }
  refuse(): void {}
  get last() {
    return this.records.at(-1)!
  }
}

let kept: Kept
beforeEach(() => {
  const host = ['host.name', require('node:os').hostname(), 'process.pid', process.pid]
  setResource({ attributes: new AttributeList([...Object.entries(SERVICE).flat(), ...host]) })
  kept = new Kept()
  configureLogs({
    sinks: [kept],
    limits: { attributeCountLimit: 128, attributeValueLengthLimit: 8_192 },
  })
})
afterEach(() => configureLogs({ sinks: [], keys: 'opentelemetry' }))

for (const [version, pino] of factories) {
  describe(`records of pino ${version}`, () => {
    const create = (options: LoggerOptions = {}, out: DestinationStream = sink()): Logger =>
      correlate(pino(options, out))

    /** The record of `{ ...fields }, 'text'`. */
    const recorded = (options: LoggerOptions, fields: object) => {
      create(options).info(fields, 'text')
      return kept.last
    }

    it('have time, severity, message, fields, bindings and the trace', () => {
      const out = sink()
      const log = create({}, out)
        .child({ order: 7 })
        .child({ user: { id: 'u1' } })
      inSpan(() => log.warn({ amount: 3.5, ok: true, tags: ['a', 'b'] }, 'charging %s', 'card'), 3)
      const { time } = JSON.parse(out.lines[0]!)
      assert.deepEqual(kept.records, [
        {
          timeSeconds: Math.floor(time / 1000),
          timeNanos: (time % 1000) * 1e6,
          severityNumber: 13,
          severityText: 'warn',
          body: 'charging card',
          attributes: { order: 7, 'user.id': 'u1', amount: 3.5, ok: true, tags: ['a', 'b'] },
          droppedCount: 0,
          traceId: TRACE,
          spanId: SPAN,
          traceFlags: 3,
          scope: { name: '@hashira/logs', version: VERSION, schemaUrl: undefined },
        },
      ])
    })

    it('have no trace outside of a span, and the app may have fields with those names', () => {
      const record = recorded({}, { trace_id: 'mine', 'service.name': 'theirs', pid: 1, level: 99, time: 5 })
      assert.equal(record.traceId, undefined)
      assert.equal(record.traceFlags, 0)
      assert.deepEqual(record.attributes, {
        trace_id: 'mine',
        'service.name': 'theirs',
        pid: 1,
        level: 99,
        time: 5,
      })
    })

    it('are made under whatever names the fields of a line have', () => {
      for (const keys of ['datadog', 'ecs', 'google', 'aws', { traceId: 'x' }] as const) {
        configureLogs({ keys })
        inSpan(() => recorded({ messageKey: 'message' }, { a: 1 }))
        const { attributes, body, traceId } = kept.last
        assert.deepEqual([attributes, body, traceId], [{ a: 1 }, 'text', TRACE])
      }
    })

    it('know the severity of every level, custom ones too', () => {
      const customLevels = { silly: 5, audit: 35, notice: 33, doom: 70, syslog: 4 }
      const log = create({ level: 'silly', customLevels } as LoggerOptions) as unknown as Record<
        string,
        (text: string) => void
      >
      for (const level of ['silly', 'trace', 'debug', 'info', 'audit', 'notice', 'error', 'fatal', 'doom'])
        log[level]!('x')
      assert.deepEqual(
        kept.records.map(({ severityNumber, severityText }) => [severityText, severityNumber]),
        [
          ['silly', 1],
          ['trace', 1],
          ['debug', 5],
          ['info', 9],
          ['audit', 11],
          ['notice', 10],
          ['error', 17],
          ['fatal', 21],
          ['doom', 24],
        ],
      )
    })

    it('know a severity by its name where the numbers are on another scale', () => {
      const customLevels = { error: 1, warn: 2, info: 3 }
      create({ customLevels, useOnlyCustomLevels: true, level: 'error' } as LoggerOptions).error('x')
      assert.equal(kept.last.severityNumber, 17)
    })

    it('take the time as pino tells it', () => {
      const told: [LoggerOptions['timestamp'], number, number][] = [
        [() => ',"time":1795412345678', 1_795_412_345, 678e6],
        [() => ',"time":1795412345', 1_795_412_345, 0],
        [() => ',"@timestamp":"2026-11-23T06:19:05.678Z"', 1_795_414_745, 678e6],
        [() => ',"time":"2026-11-23T06:19:05.678123456Z"', 1_795_414_745, 678_123_456],
        [() => ',"time":"1795412345678000000"', 1_795_412_345, 678e6],
      ]
      for (const [timestamp, seconds, nanos] of told) {
        const record = recorded({ timestamp } as LoggerOptions, {})
        assert.deepEqual([record.timeSeconds, record.timeNanos], [seconds, nanos])
        assert.deepEqual(record.attributes, {})
      }
      for (const timestamp of [false, () => ',"time":"yesterday"', () => ',"time":1'] as const) {
        const before = Math.floor(Date.now() / 1000)
        const { timeSeconds } = recorded({ timestamp }, {})
        assert.ok(timeSeconds >= before && timeSeconds <= Date.now() / 1000)
      }
    })

    it('never hold what pino was told to redact, however', () => {
      const secret = 's3cr3t-4242'
      const fields = {
        password: secret,
        card: { number: secret, holder: 'A' },
        list: [{ token: secret }],
        headers: { authorization: secret },
      }
      const paths = ['password', 'card.number', 'list[*].token', 'headers.authorization', 'bound']
      const configurations: LoggerOptions[] = [
        { redact: paths },
        { redact: { paths, remove: true } },
        { redact: { paths, censor: (value: unknown) => `${String(value).length} characters` } },
        { serializers: { password: () => 'x', card: () => 'x', list: () => [], headers: () => ({}) } },
        { formatters: { log: ({ password, card, list, headers, ...rest }) => rest } },
      ]
      for (const options of configurations) {
        const out = sink()
        create(options, out).info(fields, 'x')
        if (options.redact) create(options, out).child({ bound: secret }).info('x')
        assert.ok(!out.lines.join().includes(secret))
        assert.ok(!JSON.stringify(kept.records).includes(secret), JSON.stringify(options))
      }
      assert.deepEqual(recorded({ redact: paths }, fields).attributes, {
        password: '[Redacted]',
        'card.number': '[Redacted]',
        'card.holder': 'A',
        list: '[{"token":"[Redacted]"}]',
        'headers.authorization': '[Redacted]',
      })
    })

    it('follow formatters, mixins, the nested key and a message prefix', () => {
      const options: LoggerOptions = {
        formatters: {
          level: (label) => ({ severity: label }),
          bindings: () => ({ region: 'eu' }),
          log: (object) => ({ ...object, formatted: true }),
        },
        mixin: () => ({ mixed: 1 }),
        msgPrefix: '[shop] ',
      }
      const record = recorded(options, { a: 1 })
      assert.deepEqual(record.attributes, { region: 'eu', a: 1, mixed: 1, formatted: true })
      assert.equal(record.body, '[shop] text')
      assert.deepEqual(recorded({ nestedKey: 'payload' }, { a: { b: 1 } }).attributes, { 'payload.a.b': 1 })
    })

    it('have what annotate() added to the request', () => {
      for (const formatters of [{}, { log: (object: object) => ({ ...object, formatted: true }) }]) {
        const log = create({ formatters } as LoggerOptions)
        runInContext(withOperation(rootContext, undefined, { recordError: () => undefined }), () => {
          annotate({ 'tenant.id': 'acme', own: 'annotated' })
          log.info({ own: 'mine' }, 'x')
        })
        const { formatted, ...attributes } = kept.last.attributes as Record<string, unknown>
        assert.deepEqual(attributes, { 'tenant.id': 'acme', own: 'mine' })
      }
    })

    it('tell an error by the semantic conventions', () => {
      const cause = new RangeError('no funds')
      const error = Object.assign(new TypeError('declined', { cause }), { code: 'E_CARD' })
      for (const errorKey of ['err', 'error', 'failure']) {
        const log = create({ errorKey })
        log.error(error)
        log.error({ [errorKey]: error, amount: 3 }, 'charging failed')
        const [first, second] = kept.records.slice(-2)
        const { 'exception.stacktrace': stack, ...rest } = second!.attributes as Record<string, string>
        assert.deepEqual(rest, {
          'exception.type': 'TypeError',
          'exception.message': 'declined: no funds',
          [`${errorKey}.code`]: 'E_CARD',
          amount: 3,
        })
        assert.match(stack!, /^TypeError: declined\n[\s\S]*caused by: RangeError: no funds/)
        assert.equal(first!.body, 'declined')
        assert.equal((first!.attributes as typeof rest)['exception.type'], 'TypeError')
      }
    })

    it('leave an error as its own serializer makes it', () => {
      const record = recorded(
        { serializers: { err: () => ({ hidden: true }) } },
        { err: new Error('secret') },
      )
      assert.deepEqual(record.attributes, { 'err.hidden': true })
    })

    it('flatten objects, keep lists of one kind, and write the rest as JSON text', () => {
      const deep = { a: { b: { c: { d: { e: { f: { g: 1 } } } } } } }
      const record = recorded(
        {},
        {
          deep,
          mixed: [1, 'a'],
          objects: [{ a: 1 }],
          numbers: [1, null, 2.5],
          empty: [],
          nothing: null,
          undef: undefined,
          hole: {},
          nan: Number.NaN,
          date: new Date(0),
          '': 'no name',
          'é\u2028': '💥',
        },
      )
      assert.deepEqual(record.attributes, {
        'deep.a.b.c.d': '{"e":{"f":{"g":1}}}',
        mixed: '[1,"a"]',
        objects: '[{"a":1}]',
        numbers: [1, null, 2.5],
        empty: [],
        hole: '{}',
        date: '1970-01-01T00:00:00.000Z',
        'é\u2028': '💥',
      })
      assert.equal(record.droppedCount, 1)
    })

    it('keep every digit of a BigInt where Node shows them', () => {
      const record = recorded({}, { small: 5n, large: 9_007_199_254_740_993n, text: ':1234567890123456789,' })
      const exact = Number(process.versions.node.split('.')[0]) >= 22
      assert.deepEqual(record.attributes, {
        small: 5,
        large: exact ? '9007199254740993' : 9_007_199_254_740_992,
        text: ':1234567890123456789,',
      })
    })

    it('survive cycles, getters that throw and objects that are no plain ones', () => {
      const cyclic: Record<string, unknown> = { name: 'c' }
      cyclic['self'] = cyclic
      const record = recorded({}, { cyclic, map: new Map([[1, 2]]), bytes: new Uint8Array(2) })
      assert.equal((record.attributes as Record<string, unknown>)['cyclic.self'], '[Circular]')
    })

    it('have limits', () => {
      const limits = { attributeCountLimit: 3, attributeValueLengthLimit: 4 }
      configureLogs({ limits })
      const record = recorded({}, { a: 'abcdefgh', b: 'abc💥', c: ['abcdefgh'], d: 1, e: { f: 1, g: 2 } })
      assert.deepEqual(record.attributes, { a: 'abcd', b: 'abc', c: ['abcd'] })
      assert.equal(record.droppedCount, 3)
      create().info('x'.repeat(1_000_000))
      assert.equal(kept.last.body!.length, 256 * 1024)
    })

    it('come from children that were made before, once each', () => {
      const log = pino({}, sink())
      const child = log.child({ early: true })
      correlate(correlate(log))
      child.info('x')
      assert.deepEqual(
        kept.records.map(({ attributes }) => attributes),
        [{ early: true }],
      )
    })

    it('are not made below the level, nor without sinks', () => {
      const log = create()
      log.debug('x')
      configureLogs({ sinks: [] })
      log.info('x')
      assert.deepEqual(kept.records, [])
    })

    it('are never the cause of more records', () => {
      const log = create()
      const other = create()
      const logging: LogSink = {
        append: () => {
          other.warn('from a sink')
          say('warn', 'from Hashira')
        },
        refuse: () => {},
      }
      setDiagnosticSink((_level, line) => other.warn(line))
      configureLogs({ sinks: [logging, kept] })
      log.info('x')
      say('warn', 'something about Hashira itself')
      log.info('y')
      setDiagnosticSink(undefined)
      assert.deepEqual(
        kept.records.map(({ body }) => body),
        ['x', 'y'],
      )
    })

    it('that a sink throws at do not stop the app, and the line is written', () => {
      const out = sink()
      const throwing: LogSink = {
        append: () => {
          throw new Error('sink')
        },
        refuse: () => {},
      }
      configureLogs({ sinks: [throwing, kept] })
      const before = faultCounts().get('log_sink') ?? 0
      create({}, out).info('x')
      assert.equal(out.lines.length, 1)
      assert.equal(faultCounts().get('log_sink'), before + 1)
      assert.equal(kept.records.length, 1)
    })

    it('are made whatever is logged', (t) => {
      const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31)
      t.diagnostic(`seed ${seed}`)
      const out = sink()
      const log = create({ base: null }, out)
      const faults = faultCounts().get('log_record')
      // Pino itself throws for names that `Object.prototype` has.
      const key = fc.string().filter((name) => !(name in {}))
      const anything = fc.object({
        key,
        maxDepth: 8,
        withBigInt: true,
        withDate: true,
        withSparseArray: true,
      })
      const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }))
      fc.assert(
        fc.property(anything, text, (object, message) => {
          kept.records.length = 0
          inSpan(() => log.info(object, message))
          assert.equal(kept.records.length, 1)
          const { attributes, body, traceId } = kept.last
          assert.equal(traceId, TRACE)
          assert.equal(body, JSON.parse(out.lines.at(-1)!).msg)
          for (const value of Object.values(attributes)) {
            assert.ok(['string', 'number', 'boolean'].includes(typeof value) || Array.isArray(value))
          }
        }),
        { seed, numRuns: 300 },
      )
      assert.equal(faultCounts().get('log_record'), faults)
    })
  })
}

for (const [version, pino] of factories.slice(1)) {
  it(`are made of what hooks.streamWrite lets out (pino ${version})`, () => {
    const out = sink()
    let calls = 0
    const streamWrite = (line: string) => {
      calls++
      return line.replaceAll('s3cr3t', '***')
    }
    for (const formatters of [{}, { log: (object: object) => ({ ...object, formatted: true }) }]) {
      const options = { hooks: { streamWrite }, formatters } as LoggerOptions
      const log = correlate(pino(options, out))
      calls = 0
      inSpan(() => log.child({ key: 's3cr3t' }).info({ a: 1 }, 'it is s3cr3t'))
      assert.equal(calls, 1)
      const { formatted, ...attributes } = kept.last.attributes as Record<string, unknown>
      assert.deepEqual([kept.last.body, attributes], ['it is ***', { key: '***', a: 1 }])
      assert.equal(formatted, 'log' in formatters ? true : undefined)
      assert.equal(options.hooks!.streamWrite, streamWrite)
    }
    const plain = correlate(
      pino({ hooks: { streamWrite: (line: string) => `${line.length} bytes` } } as LoggerOptions, out),
    )
    plain.info('hidden')
    assert.match(kept.last.body!, /^\d+ bytes$/)
  })
}

it('are made of the first line of a logger that is met by the channel of pino', () => {
  const channel = 'tracing:pino_asJson'
  let after: (() => void) | undefined
  const onStart = (message: unknown) => {
    after = correlateFirstLine(message as PublishedLine)
  }
  const onEnd = () => after?.()
  subscribe(`${channel}:start`, onStart)
  subscribe(`${channel}:end`, onEnd)
  try {
    const out = sink()
    const log = pino10({ redact: ['secret'] }, out).child({ order: 7 })
    inSpan(() => {
      log.info({ secret: 's3cr3t' }, 'first')
      log.info('second')
    })
    assert.equal(out.lines.length, 2)
    assert.deepEqual(
      kept.records.map(({ body, attributes, traceId }) => [body, attributes, traceId]),
      [
        ['first', { order: 7, secret: '[Redacted]' }, TRACE],
        ['second', { order: 7 }, TRACE],
      ],
    )
    const hooks = { streamWrite: (line: string) => line.replace('s3cr3t', '***') }
    pino10({ hooks }, out).info('s3cr3t')
    assert.ok(!JSON.stringify(kept.records).includes('s3cr3t'))
  } finally {
    unsubscribe(`${channel}:start`, onStart)
    unsubscribe(`${channel}:end`, onEnd)
  }
})

it("are made by Fastify's loggers", async () => {
  const app = fastify({ logger: { level: 'info', stream: sink() } })
  correlate(app.log as unknown as Logger)
  app.get('/', async (request) => {
    request.log.info({ step: 1 }, 'handling')
    return 'ok'
  })
  await app.inject('/')
  await app.close()
  const found = kept.records.find(({ body }) => body === 'handling')
  assert.deepEqual(found?.attributes, { reqId: 'req-1', step: 1 })
})

describe('with a transport in a worker thread', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hashira-logs-'))
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('are made once, and the worker writes the line', async () => {
    const destination = join(folder, 'lines')
    const stream = pino10.transport({ target: 'pino/file', options: { destination } })
    const log = correlate(pino10({}, stream))
    log.info({ a: 1 }, 'x')
    stream.end()
    let text = ''
    for (const start = Date.now(); !text.endsWith('\n') && Date.now() - start < 20_000; await delay(20))
      if (existsSync(destination)) text = readFileSync(destination, 'utf8')
    assert.equal(JSON.parse(text).msg, 'x')
    assert.deepEqual(
      kept.records.map(({ body, attributes }) => [body, attributes]),
      [['x', { a: 1 }]],
    )
  })
})

it('knows its own version', () => {
  const manifest = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8'))
  assert.equal(VERSION, manifest.version)
})
