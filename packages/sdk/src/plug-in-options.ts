import { codeOption, type OptionSpec } from '@hashira/core'
import type { SpanProcessor } from '@hashira/tracing'
import type { Instrumentation } from './instrumentations'
import type { SpanExporter } from './plug-in-exporter'

/** Objects of OpenTelemetry's SDK, in lists that may be nested as `getNodeAutoInstrumentations()` returns them. */
type Nested<T> = readonly (T | readonly T[])[]

export function spanProcessorsOption(): OptionSpec<readonly SpanProcessor[]> {
  return plugIns<SpanProcessor>('OpenTelemetry SpanProcessors', [
    'onStart',
    'onEnd',
    'forceFlush',
    'shutdown',
  ])
}

export function spanExportersOption(): OptionSpec<readonly SpanExporter[]> {
  return plugIns<SpanExporter>('OpenTelemetry SpanExporters', ['export', 'shutdown'])
}

export function instrumentationsOption(): OptionSpec<readonly Instrumentation[]> {
  return plugIns<Instrumentation>('OpenTelemetry instrumentations', ['enable', 'disable'])
}

function plugIns<T>(what: string, methods: readonly string[]): OptionSpec<readonly T[]> {
  const fits = (value: unknown) =>
    methods.every((method) => typeof (value as Record<string, unknown> | null)?.[method] === 'function')
  return codeOption<readonly T[], readonly T[]>([], `a list of ${what}`, (value) => {
    if (!Array.isArray(value)) return undefined
    const flat = (value as Nested<T>).flat() as T[]
    return flat.every(fits) ? flat : undefined
  })
}
