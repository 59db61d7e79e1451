import type { LogEncoder, LogRecord, Resource } from '@hashira/core'
import { jsonAttributes, jsonId, jsonUnixNanos, unlessEmpty, wellFormed } from './json-value'
import { ScopedJsonEncoder } from './scoped-json-encoder'
import { logSeverity } from './write-log'

const NAMES = { resources: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords' } as const

/** Log records to the JSON of ExportLogsServiceRequest (`http/json`). */
export class OtlpJsonLogEncoder extends ScopedJsonEncoder<LogRecord> implements LogEncoder {
  constructor(resource: Resource) {
    super(resource, NAMES, jsonLog)
  }
}

function jsonLog(record: LogRecord): object {
  const time = jsonUnixNanos(record.timeSeconds, record.timeNanos)
  const { severityText, body, traceId, spanId } = record
  const isInSpan = traceId !== undefined && spanId !== undefined
  return {
    timeUnixNano: time,
    severityNumber: unlessEmpty(logSeverity(record.severityNumber)),
    severityText: severityText ? wellFormed(severityText) : undefined,
    body: body === undefined ? undefined : { stringValue: wellFormed(body) },
    attributes: jsonAttributes(record.attributes.flat),
    droppedAttributesCount: unlessEmpty(record.attributes.droppedCount),
    flags: isInSpan ? unlessEmpty(record.traceFlags & 0xff) : undefined,
    traceId: isInSpan ? jsonId(traceId, 32) : undefined,
    spanId: isInSpan ? jsonId(spanId, 16) : undefined,
    observedTimeUnixNano: time,
  }
}
