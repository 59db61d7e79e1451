import type { LogRecord } from '@hashira/core'
import fc from 'fast-check'
import type { Message } from './otlp-schema'
import {
  anyAttributes,
  anyText,
  attributes,
  expectedAttributes,
  hex,
  nanos,
  wellFormed,
  withoutEmpty,
} from './records'

const scope = { name: '@hashira/logs', version: '0.1.0', schemaUrl: undefined }

export function log(given: Partial<LogRecord> = {}): LogRecord {
  return {
    timeSeconds: 1_795_411_000,
    timeNanos: 5,
    severityNumber: 9,
    severityText: 'info',
    body: 'charging',
    attributes: attributes(),
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 1,
    scope,
    ...given,
  }
}

/** The OTLP log record that `record` must become, written from the field tables and not from the encoders. */
export function expectedLog(record: LogRecord): Message {
  const time = nanos(record.timeSeconds, record.timeNanos)
  const message = withoutEmpty({
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber: record.severityNumber,
    severityText: wellFormed(record.severityText ?? ''),
    attributes: expectedAttributes(record.attributes),
    droppedAttributesCount: record.attributes.droppedCount,
    flags: record.traceId === undefined ? 0 : record.traceFlags,
    traceId: record.traceId,
    spanId: record.traceId === undefined ? undefined : record.spanId,
  })
  return record.body === undefined ? message : { ...message, body: { stringValue: wellFormed(record.body) } }
}

const anySpan = fc.option(
  fc.record({ traceId: hex(32), spanId: hex(16), traceFlags: fc.nat({ max: 255 }) }),
  {
    nil: { traceId: undefined, spanId: undefined, traceFlags: 0 },
  },
)

export const anyLog: fc.Arbitrary<LogRecord> = fc
  .record({
    timeSeconds: fc.nat({ max: 2 ** 31 }),
    timeNanos: fc.nat({ max: 999_999_999 }),
    severityNumber: fc.nat({ max: 24 }),
    severityText: fc.option(anyText, { nil: undefined }),
    body: fc.option(anyText, { nil: undefined }),
    attributes: anyAttributes,
    span: anySpan,
  })
  .map(({ span, ...rest }) => log({ ...rest, ...span }))
