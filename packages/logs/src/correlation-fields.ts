import { type ServiceIdentity, serviceIdentity, spanOf } from '@hashira/core'
import { type Context, isSpanContextValid, type SpanContext } from '@opentelemetry/api'
import type { LogKeys } from './log-keys'
import { logSettings } from './log-settings'

// Each text is kept until what it was made of changes: the service's once per process, the ids' once per span, unless
// requests take turns line by line; then they are joined again from texts that are escaped already.
let keys: LogKeys | undefined
let service: ServiceIdentity | undefined
let serviceText = ''
let spanContext: SpanContext | undefined
let spanText = ''
let beforeTraceId = ''
let beforeSpanId = ''
let flagTexts: readonly string[] = []

/** `,"trace_id":"…","span_id":"…","trace_flags":"01"` of the context's span; empty when there is none. */
export function spanFields(context: Context): string {
  const current = spanOf(context)?.spanContext()
  if (current === undefined) return ''
  if (keys !== logSettings.keys) readKeys(logSettings.keys)
  if (current === spanContext) return spanText
  spanContext = current
  spanText = isSpanContextValid(current) ? formatSpan(current) + xrayField(current) : ''
  return spanText
}

/** `,"service.name":"…","service.version":"…","deployment.environment.name":"…"`; empty before `start()`. */
export function serviceFields(): string {
  if (keys !== logSettings.keys) readKeys(logSettings.keys)
  const current = serviceIdentity()
  if (current === service) return serviceText
  service = current
  serviceText = current === undefined ? '' : formatService(current, logSettings.keys)
  return serviceText
}

function readKeys(names: LogKeys): void {
  const before = (name: string | false) => (name === false ? '' : `,${JSON.stringify(name)}:"`)
  keys = names
  beforeTraceId = before(names.traceId)
  beforeSpanId = before(names.spanId)
  flagTexts = Array.from({ length: 256 }, (_, flags) =>
    field(names.traceFlags, flags.toString(16).padStart(2, '0')),
  )
  spanContext = undefined
  service = undefined
  serviceText = ''
}

function formatSpan({ traceId, spanId, traceFlags }: SpanContext): string {
  const flags = flagTexts[traceFlags & 0xff]!
  // What nearly every process has, in one step.
  if (beforeTraceId !== '' && beforeSpanId !== '' && keys!.spanIdFormat === 'hex') {
    return `${beforeTraceId}${traceId}"${beforeSpanId}${spanId}"${flags}`
  }
  if (keys!.spanIdFormat === 'hex') return field(keys!.traceId, traceId) + field(keys!.spanId, spanId) + flags
  return field(keys!.traceId, datadogTraceId(traceId)) + field(keys!.spanId, decimal(spanId)) + flags
}

/** 32 hex digits, or the decimal number of an id that has only 64 bits (dd-trace-js `DatadogSpanContext.toTraceId`). */
function datadogTraceId(traceId: string): string {
  return traceId.startsWith('0000000000000000') ? decimal(traceId.slice(16)) : traceId
}

function decimal(hex: string): string {
  return BigInt(`0x${hex}`).toString()
}

function xrayField({ traceId }: SpanContext): string {
  const name = keys!.xrayTraceId
  return name === false ? '' : field(name, `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`)
}

function formatService({ name, version, environment }: ServiceIdentity, names: LogKeys): string {
  return (
    field(names.serviceName, name) +
    field(names.serviceVersion, version) +
    field(names.environment, environment)
  )
}

function field(name: string | false, value: string | undefined): string {
  if (name === false || value === undefined) return ''
  return `,${JSON.stringify(name)}:${JSON.stringify(value)}`
}
