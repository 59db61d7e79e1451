import type { LogEncoder, LogRecord, Resource } from '@hashira/core'
import { ScopedEncoder } from './scoped-encoder'
import { writeLog } from './write-log'

/** Log records to the bytes of ExportLogsServiceRequest. */
export class OtlpLogEncoder extends ScopedEncoder<LogRecord> implements LogEncoder {
  constructor(resource: Resource) {
    super(resource, writeLog)
  }
}
