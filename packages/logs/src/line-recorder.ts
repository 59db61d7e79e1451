import { countFault, isSaying, type LogRecord, type LogSink, spanOf } from '@hashira/core'
import { isSpanContextValid } from '@opentelemetry/api'
import { lineContent } from './line-content'
import { lineTime } from './line-time'
import { logSettings } from './log-settings'
import type { PinoInstance, PinoInternals } from './pino-internals'
import { severityNumber } from './severity'
import { VERSION } from './version'

const SCOPE = { name: '@hashira/logs', version: VERSION, schemaUrl: undefined }

/** What pino was asked to write, beside the line itself. */
export interface Written {
  readonly instance: PinoInstance
  readonly level: number
  /** What `timestamp` made: `,"time":1795412345678`. */
  readonly time: string
  /** What correlation put behind the time. */
  readonly added: string
}

/**
 * Hands finished lines of one logger to the sinks. What the line says is all that leaves: the redaction, serializers and
 * formatters that pino was told have been applied to it by pino itself, and nothing else of the logged objects is ever read.
 *
 * Making the records from the objects instead would save the parse, but would need pino's redaction, which has
 * compiled paths, wildcards and censor functions, a second time, and equal in every version of pino.
 */
export class LineRecorder {
  readonly #internals: PinoInternals
  #awaited: Written | undefined

  constructor(internals: PinoInternals) {
    this.#internals = internals
  }

  /** The line is known only after the app's `hooks.streamWrite`; {@link hooked} gets it next. */
  await(written: Written | undefined): void {
    this.#awaited = written
  }

  hooked(line: unknown): void {
    const written = this.#awaited
    this.#awaited = undefined
    if (written !== undefined && typeof line === 'string') this.record(line, written)
  }

  /**
   * Never throws. A line that is written while records are made (a sink that logs), or that Hashira says about itself through
   * the app's logger, is no record: what is exported must never be the cause of more to export.
   */
  record(line: string, written: Written): void {
    if (logSettings.isRecording || isSaying()) return
    logSettings.isRecording = true
    try {
      const record = this.#recordOf(line, written)
      for (const sink of logSettings.sinks) hand(record, sink)
    } catch {
      countFault('log_record')
    } finally {
      logSettings.isRecording = false
    }
  }

  #recordOf(line: string, { instance, level, time, added }: Written): LogRecord {
    const { levelTexts, messageKey, errorKey } = this.#internals
    const head = `${(instance[levelTexts] as Record<number, string>)[level]}${time}${added}`
    const content = lineContent(line, head, instance[messageKey] as string, instance[errorKey] as string)
    const label = instance.levels?.labels[level]
    const { seconds, nanos } = lineTime(time, Date.now())
    const span = spanOf()?.spanContext()
    const isInSpan = span !== undefined && isSpanContextValid(span)
    return {
      timeSeconds: seconds,
      timeNanos: nanos,
      severityNumber: severityNumber(level, label),
      severityText: label,
      body: content.body,
      attributes: content.attributes,
      traceId: isInSpan ? span.traceId : undefined,
      spanId: isInSpan ? span.spanId : undefined,
      traceFlags: isInSpan ? span.traceFlags & 0xff : 0,
      scope: SCOPE,
    }
  }
}

function hand(record: LogRecord, sink: LogSink): void {
  try {
    sink.append(record)
  } catch {
    countFault('log_sink')
  }
}
