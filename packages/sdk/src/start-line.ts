import type { ServiceIdentity } from '@hashira/core'
import type { ChosenExporters } from './choose-exporters'
import { metricsOf } from './exporter-metrics'

/** The one line of the first minute: which service, where its metrics are, where its traces go, and its logs when they do. */
export function startLine(
  service: ServiceIdentity,
  serviceNameFrom: string,
  chosen: ChosenExporters,
  metricsUrls: readonly string[],
  disabled: boolean,
): string {
  if (disabled)
    return `observing nothing of ${service.name}: OTEL_SDK_DISABLED is true · metrics of the app ${metricsText(chosen, metricsUrls)}`
  return `observing ${service.name} (from ${serviceNameFrom}) · metrics ${metricsText(chosen, metricsUrls)} · traces ${tracesText(chosen)}${logsText(chosen)}`
}

function metricsText(chosen: ChosenExporters, urls: readonly string[]): string {
  const pushed = chosen.metrics.flatMap((exporter) =>
    metricsOf(exporter).flatMap((metrics) =>
      metrics.kind === 'push' ? [`${metrics.name ?? exporter.name} ${metrics.transport.destination}`] : [],
    ),
  )
  const all = [...urls, ...pushed]
  return all.length === 0 ? 'are not served' : all.join(', ')
}

function tracesText(chosen: ChosenExporters): string {
  if (chosen.traces.length === 0 && chosen.tracesAreChosen) return 'go nowhere'
  const destinations = chosen.traces.map(({ name, traces }) =>
    `${name} ${traces?.transport.destination ?? ''}`.trim(),
  )
  return destinations.length === 0
    ? 'go nowhere yet: set OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318'
    : destinations.join(', ')
}

function logsText({ logs }: ChosenExporters): string {
  if (logs.length === 0) return ''
  const destinations = logs.map((exporter) =>
    `${exporter.name} ${exporter.logs?.transport.destination ?? ''}`.trim(),
  )
  return ` · logs ${destinations.join(', ')}`
}
