import { type ServiceIdentity, serviceIdentity, spanOf } from '@hashira/core'
import { isSpanContextValid, type SpanContext } from '@opentelemetry/api'
import type { LogKeys } from './log-keys'
import { logSettings } from './log-settings'

// Each text is kept until what it was made of changes: the service once per process, the ids once per span, unless
// requests take turns line by line; then they are made again, which costs no more than keeping them on every span would.
let keys: LogKeys | undefined
let service: ServiceIdentity | undefined
let serviceText = ''
let spanContext: SpanContext | undefined
let spanText = ''

/** `,"trace_id":"…","span_id":"…","trace_flags":"01"` of the active span; empty when there is none. */
export function spanFields(): string {
  const current = spanOf()?.spanContext()
  if (current === undefined) return ''
  if (current !== spanContext || keys !== logSettings.keys) {
    refreshKeys()
    spanText = isSpanContextValid(current) ? formatSpan(current, logSettings.keys) : ''
    spanContext = current
  }
  return spanText
}

/** `,"service.name":"…","service.version":"…","deployment.environment.name":"…"`; empty before `start()`. */
export function serviceFields(): string {
  const current = serviceIdentity()
  if (current !== service || keys !== logSettings.keys) {
    refreshKeys()
    serviceText = current === undefined ? '' : formatService(current, logSettings.keys)
    service = current
  }
  return serviceText
}

function refreshKeys(): void {
  if (keys === logSettings.keys) return
  keys = logSettings.keys
  spanContext = undefined
  service = undefined
  serviceText = ''
}

function formatSpan({ traceId, spanId, traceFlags }: SpanContext, names: LogKeys): string {
  const id = names.spanIdFormat === 'hex' ? spanId : BigInt(`0x${spanId}`).toString()
  const flags = (traceFlags & 0xff).toString(16).padStart(2, '0')
  return field(names.traceId, traceId) + field(names.spanId, id) + field(names.traceFlags, flags)
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
