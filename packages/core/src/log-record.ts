import type { AttributeList } from './attribute-list'
import type { InstrumentationScope } from './span-record'

/**
 * A log line, flat, as encoders read it. It is valid during the call that hands it over and must not be kept: whoever needs
 * it later encodes it now. OpenTelemetry logs data model.
 */
export interface LogRecord {
  /** Unix time: whole seconds, and nanoseconds within the second. */
  readonly timeSeconds: number
  readonly timeNanos: number
  /** 1 to 24, 9 is INFO; 0 when not known (OpenTelemetry logs data model, "Severity"). */
  readonly severityNumber: number
  /** The logger's own word: `info`. */
  readonly severityText: string | undefined
  /** The message. */
  readonly body: string | undefined
  readonly attributes: AttributeList
  /** Of the span in which the line was written: 32 and 16 lower-case hex digits, W3C trace flags. */
  readonly traceId: string | undefined
  readonly spanId: string | undefined
  readonly traceFlags: number
  readonly scope: InstrumentationScope
}
