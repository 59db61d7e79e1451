import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { isHashiraError } from '@hashira/core'
import { configureLogs, correlate, createLogger, isPinoLogger, logger } from '@hashira/logs'
import pino10 from 'pino'
import { inSpan, only, SPAN, setService, sink, TRACE } from './lines'

const early = sink()
inSpan(() => createLogger({}, early).info('before start()'))

beforeEach(setService)
afterEach(() => configureLogs({ keys: 'opentelemetry' }))

describe('key names', () => {
  function lineWith(keys: Parameters<typeof configureLogs>[0]['keys']): Record<string, unknown> {
    const out = sink()
    const log = createLogger({ base: null, timestamp: false }, out)
    inSpan(() => log.info('before'))
    configureLogs({ keys })
    inSpan(() => log.info('x'))
    return only(out.lines.slice(1))
  }
  const rest = { level: 30, msg: 'x' }

  test('datadog', () => {
    assert.deepEqual(lineWith('datadog'), {
      ...rest,
      'dd.trace_id': TRACE,
      'dd.span_id': BigInt(`0x${SPAN}`).toString(),
      'dd.service': 'shop "eu"',
      'dd.version': '1.2.3',
      'dd.env': 'staging',
    })
  })
  test('datadog, of a trace that began with an id of 64 bits: its decimal number', () => {
    const out = sink()
    configureLogs({ keys: 'datadog' })
    inSpan(() => createLogger({}, out).info('x'), 1, `${'0'.repeat(16)}8448eb211c80319c`)
    assert.equal(only(out.lines)['dd.trace_id'], BigInt('0x8448eb211c80319c').toString())
  })
  test('ecs', () => {
    assert.deepEqual(lineWith('ecs'), {
      ...rest,
      'trace.id': TRACE,
      'span.id': SPAN,
      'service.name': 'shop "eu"',
      'service.version': '1.2.3',
      'service.environment': 'staging',
    })
  })
  test('google', () => {
    const line = lineWith('google')
    assert.equal(line['logging.googleapis.com/trace'], TRACE)
    assert.equal(line['logging.googleapis.com/spanId'], SPAN)
  })
  test('aws', () => {
    const { xray_trace_id: xrayTraceId, ...line } = lineWith('aws')
    assert.equal(xrayTraceId, `1-${TRACE.slice(0, 8)}-${TRACE.slice(8)}`)
    assert.deepEqual(line, lineWith('opentelemetry'))
  })
  test('names of one’s own', () => {
    assert.deepEqual(
      lineWith({
        traceId: 'say "trace"',
        spanId: false,
        traceFlags: false,
        serviceVersion: false,
        environment: false,
      }),
      { ...rest, 'say "trace"': TRACE, 'service.name': 'shop "eu"' },
    )
  })
  test('bad names are a coded error', () => {
    for (const keys of ['datadawg', 7, null, { traceID: 'x' }, { traceId: '' }, { spanIdFormat: 'octal' }]) {
      assert.throws(
        () => configureLogs({ keys: keys as never }),
        (error) =>
          isHashiraError(error) &&
          error.code === 'HASHIRA_OPTION_INVALID' &&
          error.message.includes('logKeys'),
      )
    }
  })
})

describe('what is not pino', () => {
  for (const [name, value] of Object.entries({
    console,
    null: null,
    text: 'pino',
    look_alike: { level: 'info', child: () => ({}) },
    prototype_only: Object.getPrototypeOf(Object.getPrototypeOf(pino10({}, sink()))),
  })) {
    test(name, () => {
      assert.equal(isPinoLogger(value), false)
      assert.throws(
        () => correlate(value as never),
        (error) =>
          isHashiraError(error) && error.code === 'HASHIRA_LOGGER_INVALID' && error.message.includes('got '),
      )
    })
  }
})

describe('createLogger and logger', () => {
  test('createLogger takes a destination alone', () => {
    const out = { ...sink(), writable: true }
    inSpan(() => createLogger(out).info('x'))
    assert.equal(only(out.lines)['trace_id'], TRACE)
  })
  test('createLogger keeps the types of custom levels', () => {
    const out = sink()
    const log = createLogger({ customLevels: { audit: 35 } }, out)
    log.audit('typed')
    assert.equal(only(out.lines)['level'], 35)
  })
  test('a transport in a worker thread gets the correlated line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hashira-logs-'))
    const destination = join(folder, 'lines')
    const log = createLogger({ transport: { target: 'pino/file', options: { destination } } })
    inSpan(() => log.info('x'))
    const written = () => (existsSync(destination) ? readFileSync(destination, 'utf8') : '')
    for (let looks = 0; looks < 1_000 && !written().endsWith('\n'); looks++) await delay(5)
    assert.equal(only([written()])['trace_id'], TRACE)
    rmSync(folder, { recursive: true })
  })
  test('before start() a line has no service', () => {
    const line = only(early.lines)
    assert.equal(line['trace_id'], TRACE)
    assert.equal(line['service.name'], undefined)
  })
  test('logger becomes a pino logger when it is touched', () => {
    assert.equal(logger.level, 'info')
    logger.level = 'silent'
    assert.equal(logger.level, 'silent')
    logger.info('not written')
    assert.equal(isPinoLogger(logger), true)
    assert.equal(correlate(logger), logger)
    assert.equal(logger.child({ a: 1 }).bindings()['a'], 1)
  })
})
