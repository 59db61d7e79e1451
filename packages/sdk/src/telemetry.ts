import type { Exporter, PullMetrics, PushMetrics, Resource, SpanSink } from '@hashira/core'
import { collectMetrics } from '@hashira/core'
import {
  createMetricPipeline,
  createPipeline,
  deliverAtExit,
  type ExporterAccount,
  type MetricPipeline,
  type Pipeline,
} from '@hashira/delivery'
import type { ChosenExporters } from './choose-exporters'

/** The pipelines of all chosen exporters, and the listeners of those that are fetched from. */
export class Telemetry {
  readonly #spans: readonly Pipeline[]
  readonly #metrics: readonly MetricPipeline[]
  readonly #pulls: readonly Exporter[]
  readonly #resource: Resource
  #opened: Promise<readonly string[]> | undefined

  constructor(chosen: ChosenExporters, resource: Resource) {
    this.#resource = resource
    this.#spans = chosen.traces.map((exporter) => spanPipeline(exporter, resource))
    this.#metrics = chosen.metrics.flatMap(({ name, metrics }) =>
      metrics?.kind === 'push'
        ? [createMetricPipeline({ exporter: name, push: metrics as PushMetrics, resource })]
        : [],
    )
    this.#pulls = chosen.metrics.filter(({ metrics }) => metrics?.kind === 'pull')
  }

  get sinks(): readonly SpanSink[] {
    return this.#spans
  }

  get #pipelines(): readonly (Pipeline | MetricPipeline)[] {
    return [...this.#spans, ...this.#metrics]
  }

  get pulls(): readonly Exporter[] {
    return this.#pulls
  }

  /** Opens what is fetched from, once. Resolves to the URLs; never rejects. */
  open(): Promise<readonly string[]> {
    this.#opened ??= Promise.all(
      this.#pulls.map((exporter) =>
        pullOf(exporter).open({ resource: this.#resource, collect: collectMetrics }),
      ),
    ).then((urls) => urls.filter((url) => url !== undefined))
    return this.#opened
  }

  /** Whether anything is on its way that `flush` could deliver. */
  get pending(): number {
    return this.#pipelines.reduce((sum, pipeline) => sum + pipeline.account().pending, 0)
  }

  async flush(deadlineUnixMs: number): Promise<boolean> {
    const flushed = await Promise.all(this.#pipelines.map((pipeline) => pipeline.flush(deadlineUnixMs)))
    return flushed.every(Boolean)
  }

  async shutdown(deadlineUnixMs: number): Promise<void> {
    await Promise.all(this.#pipelines.map((pipeline) => pipeline.shutdown(deadlineUnixMs)))
    if (this.#opened !== undefined) await Promise.all(this.#pulls.map((exporter) => pullOf(exporter).close()))
  }

  /** The last attempt while the process exits: synchronous, at most `budgetMs`. Returns how many items are lost. */
  deliverAtExit(budgetMs: number): number {
    const waiting = this.#pipelines.filter((pipeline) => pipeline.account().pending > 0)
    return waiting.length === 0 ? 0 : deliverAtExit(waiting, budgetMs).lost
  }

  accounts(): ExporterAccount[] {
    return this.#pipelines.map((pipeline) => pipeline.account())
  }
}

function spanPipeline(exporter: Exporter, resource: Resource): Pipeline {
  const traces = exporter.traces!
  return createPipeline({
    exporter: exporter.name,
    signal: 'traces',
    encoder: traces.createEncoder(resource),
    transport: traces.transport,
    limits: traces.limits,
  })
}

function pullOf(exporter: Exporter): PullMetrics {
  return exporter.metrics as PullMetrics
}
