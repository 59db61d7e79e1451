import type { SpanEvent, SpanRecord } from '@hashira/core'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { AttributeReader } from './attribute-reader'
import { cut } from './limits'
import type { Cause, XrayException } from './segment-document'
import { type ParsedCause, parseStack } from './stack-frames'

const MAX_EXCEPTIONS = 20
const MAX_MESSAGE = 1_000

export function isException(event: SpanEvent): boolean {
  return event.name === 'exception'
}

/**
 * The recorded exceptions, with their causes; without one, the message of a span that ended with an error.
 *
 * @param workingDirectory frames' paths are relative to it in X-Ray's eyes
 */
export function causeBlock(
  record: SpanRecord,
  attributes: AttributeReader,
  workingDirectory: string | undefined,
): Cause | undefined {
  const remote = record.kind === SpanKind.CLIENT || record.kind === SpanKind.PRODUCER
  const exceptions: XrayException[] = []
  const nextId = () => exceptionId(record.spanId, exceptions.length)
  for (const event of record.events) {
    if (!isException(event) || exceptions.length >= MAX_EXCEPTIONS) continue
    addException(exceptions, event, remote, nextId)
  }
  const failure = exceptions.length === 0 ? statusException(record, attributes, remote, nextId()) : undefined
  if (failure !== undefined) exceptions.push(failure)
  if (exceptions.length === 0) return undefined
  return workingDirectory === undefined
    ? { exceptions }
    : { working_directory: cut(workingDirectory), exceptions }
}

function addException(
  exceptions: XrayException[],
  { attributes }: SpanEvent,
  remote: boolean,
  nextId: () => string,
): void {
  const stack = attributes.get('exception.stacktrace')
  const parsed = typeof stack === 'string' ? parseStack(stack) : undefined
  const exception: XrayException = {
    id: nextId(),
    ...textField('message', attributes.get('exception.message'), MAX_MESSAGE),
    ...textField('type', attributes.get('exception.type')),
    ...(remote ? { remote } : undefined),
    ...stackFields(parsed),
  }
  exceptions.push(exception)
  addCauses(exceptions, exception, parsed?.cause, remote, nextId)
}

function addCauses(
  exceptions: XrayException[],
  thrown: XrayException,
  first: ParsedCause | undefined,
  remote: boolean,
  nextId: () => string,
): void {
  let effect = thrown
  for (let cause = first; cause !== undefined && exceptions.length < MAX_EXCEPTIONS; cause = cause.cause) {
    const exception: XrayException = {
      id: nextId(),
      ...textField('message', cause.message, MAX_MESSAGE),
      ...textField('type', cause.type),
      ...(remote ? { remote } : undefined),
      ...stackFields(cause),
    }
    effect.cause = exception.id
    exceptions.push(exception)
    effect = exception
  }
}

function stackFields(parsed: Pick<ParsedCause, 'frames' | 'truncated'> | undefined) {
  if (parsed === undefined || parsed.frames.length === 0) return undefined
  return parsed.truncated === 0
    ? { stack: parsed.frames }
    : { stack: parsed.frames, truncated: parsed.truncated }
}

/** `error.type` alone says something unless it only repeats the HTTP status. */
function statusException(
  { statusCode, statusMessage }: SpanRecord,
  attributes: AttributeReader,
  remote: boolean,
  id: string,
): XrayException | undefined {
  if (statusCode !== SpanStatusCode.ERROR) return undefined
  const type = attributes.peekText('error.type')
  const hasMessage = statusMessage !== undefined && statusMessage !== ''
  if (!hasMessage && (type === undefined || /^\d+$/.test(type))) return undefined
  return {
    id,
    ...(hasMessage ? { message: cut(statusMessage, MAX_MESSAGE) } : undefined),
    ...textField('type', type),
    ...(remote ? { remote } : undefined),
  }
}

function textField<Name extends string>(name: Name, value: unknown, max?: number) {
  if (typeof value !== 'string' || value === '') return undefined
  return { [name]: cut(value, max) } as { [K in Name]: string }
}

/** 16 hex digits that differ from every other exception's of the trace: those of the span, counted on. */
function exceptionId(spanId: string, index: number): string {
  const low = (Number.parseInt(spanId.slice(8), 16) + index + 1) >>> 0
  return spanId.slice(0, 8) + low.toString(16).padStart(8, '0')
}
