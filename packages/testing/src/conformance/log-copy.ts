import type { LogRecord } from '@hashira/core'
import type { Attributes } from '@opentelemetry/api'
import { copyAttributes } from '../span-copy'

/** A log record as plain data. */
export interface LogCopy {
  readonly timeUnixMs: number
  readonly severityNumber: number
  readonly severityText: string | undefined
  readonly body: string | undefined
  readonly attributes: Attributes
  readonly traceId: string | undefined
  readonly spanId: string | undefined
  readonly traceFlags: number
}

export function copyLog(record: LogRecord): LogCopy {
  const { severityNumber, severityText, body, traceId, spanId, traceFlags } = record
  return {
    timeUnixMs: record.timeSeconds * 1e3 + record.timeNanos / 1e6,
    ...{ severityNumber, severityText, body, traceId, spanId, traceFlags },
    attributes: copyAttributes(record.attributes),
  }
}
