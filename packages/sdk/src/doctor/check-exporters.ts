import type { Exporter } from '@hashira/core'
import { probe } from '@hashira/delivery'
import type { ChosenExporters } from '../choose-exporters'
import { metricsOf, pullsOf } from '../exporter-metrics'
import { type Finding, note, ok, problem, warning } from './finding'

/** Where each signal goes, and whether somebody is there: asked by a real exchange. */
export async function checkExporters(chosen: ChosenExporters): Promise<Finding[]> {
  const pushes = [
    ...chosen.traces.map((exporter) => [exporter, 'traces', exporter.traces?.transport] as const),
    ...chosen.logs.map((exporter) => [exporter, 'logs', exporter.logs?.transport] as const),
    ...chosen.metrics.flatMap((exporter) =>
      metricsOf(exporter).flatMap((metrics) =>
        metrics.kind === 'push' ? [[exporter, 'metrics', metrics.transport] as const] : [],
      ),
    ),
  ]
  const probed = await Promise.all(
    pushes.map(async ([exporter, signal, transport]) => {
      const label = `${signal} → ${exporter.name} ${transport!.destination}`
      const { reachable, detail } = await probe(transport!)
      if (reachable === 'yes') return ok(`${label}: ${detail}`)
      return reachable === 'unknown'
        ? note(`${label}: ${detail}`)
        : problem(`${label}: ${detail}`, adviceFor(exporter))
    }),
  )
  return [...probed, ...pulled(chosen), ...missing(chosen)]
}

function adviceFor({ name }: Exporter): string {
  return `check that ${name} listens there, or set another address`
}

function pulled({ metrics }: ChosenExporters): Finding[] {
  return metrics
    .filter((exporter) => pullsOf(exporter).length > 0)
    .map(({ name }) => ok(`metrics ← ${name}: fetched from the running app`))
}

function missing({ traces, metrics, tracesAreChosen }: ChosenExporters): Finding[] {
  const findings: Finding[] = []
  if (traces.length === 0) {
    findings.push(
      tracesAreChosen
        ? note('traces go nowhere, as configured')
        : warning('traces go nowhere', 'set OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318'),
    )
  }
  if (metrics.length === 0) findings.push(note('metrics go nowhere, as configured'))
  return findings
}
