import { AttributeList, type AttributeValue, type LogRecord } from '@hashira/core'
import { randomHex } from './random-hex'

export interface GoldenLog {
  readonly title: string
  readonly record: LogRecord
}

/** Log records that every encoder must take, each of another millisecond. */
export function goldenLogs(): GoldenLog[] {
  let milliseconds = 0
  const log = (title: string, given: Partial<LogRecord> = {}): GoldenLog => ({
    title,
    record: goldenLog({ body: title, timeNanos: ++milliseconds * 1e6, ...given }),
  })
  return [
    log('plain'),
    log('without a span', { traceId: undefined, spanId: undefined, traceFlags: 0 }),
    log('error', { severityNumber: 17, severityText: 'error', attributes: list(ERROR) }),
    log('unknown severity', { severityNumber: 0, severityText: undefined }),
    log('every type of attribute', { attributes: list(EVERY_TYPE) }),
    log('unicode', { body: 'Grüße 你好 🎌', attributes: list(['schlüssel', 'wért', 'emoji 🎌', '🎌']) }),
    log('lone surrogates', { body: 'lone \ud83c end', attributes: list(['low\udf8c', 'high \ud83c']) }),
    log('control characters', { body: 'a\nb\r\u0000c', attributes: list(['k\n"\\', 'v\r\n"\\']) }),
    log('special keys', { attributes: list(['__proto__', 'p', 'constructor', 'c', 'a.b', 'x', 'a_b', 'y']) }),
    log('empty', { body: '', attributes: list(['text', '']) }),
    log('no message', { body: undefined }),
    log('huge', { body: 'x'.repeat(64 * 1024) }),
  ]
}

export function goldenLog(given: Partial<LogRecord> = {}): LogRecord {
  return {
    timeSeconds: Math.floor(Date.now() / 1e3),
    timeNanos: 123_000_000,
    severityNumber: 9,
    severityText: 'info',
    body: 'golden',
    attributes: new AttributeList(),
    traceId: randomHex(16),
    spanId: randomHex(8),
    traceFlags: 1,
    scope: { name: '@hashira/conformance', version: '1.2.3', schemaUrl: undefined },
    ...given,
  }
}

const ERROR = ['exception.type', 'TypeError', 'exception.message', 'x is not a function']
const EVERY_TYPE = [
  ...['text', 'plain', 'whole', 42, 'negative', -7, 'fraction', 1.5, 'yes', true, 'no', false],
  ...['texts', ['a', 'b'], 'numbers', [1, 2.5], 'nan', Number.NaN],
]

function list(flat: readonly unknown[]): AttributeList {
  return new AttributeList([...flat] as (string | AttributeValue)[])
}
