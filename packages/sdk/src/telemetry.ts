import {
  collectMetrics,
  type Exporter,
  HashiraError,
  type Resource,
  type SpanSink,
  warnOnce,
} from '@hashira/core'
import {
  createMetricPipeline,
  createPipeline,
  deliverAtExit,
  type ExporterAccount,
  type MetricPipeline,
  type Pipeline,
} from '@hashira/delivery'
import type { ChosenExporters } from './choose-exporters'
import { PullListeners } from './pull-listeners'

/** The pipelines of all chosen exporters, and the listeners of those that are fetched from. */
export class Telemetry {
  readonly #spans: readonly Pipeline[]
  readonly #metrics: readonly MetricPipeline[]
  readonly #listeners: PullListeners
  readonly #unusable = new Set<Exporter>()

  /** @throws HashiraError HASHIRA_EXPORTER_INVALID for an exporter of the code that can't be used; one of the environment is a warning */
  constructor(chosen: ChosenExporters, resource: Resource) {
    const made: (Pipeline | MetricPipeline)[] = []
    const make = <P extends Pipeline | MetricPipeline>(exporter: Exporter, create: () => P): P[] => {
      try {
        const pipeline = create()
        made.push(pipeline)
        return [pipeline]
      } catch (cause) {
        const text = `exporter "${exporter.name}" could not be started: ${cause}`
        if (!chosen.fromEnvironment.has(exporter)) {
          for (const pipeline of made) pipeline.abandon('not_started')
          throw new HashiraError('HASHIRA_EXPORTER_INVALID', text, { cause })
        }
        warnOnce('HASHIRA_EXPORTER_INVALID', text)
        this.#unusable.add(exporter)
        return []
      }
    }
    this.#spans = chosen.traces.flatMap((exporter) => make(exporter, () => spanPipeline(exporter, resource)))
    this.#metrics = chosen.metrics.flatMap((exporter) => {
      const { name, metrics } = exporter
      if (metrics?.kind !== 'push') return []
      return make(exporter, () => createMetricPipeline({ exporter: name, push: metrics, resource }))
    })
    const pulls = chosen.metrics.filter(({ metrics }) => metrics?.kind === 'pull')
    this.#listeners = new PullListeners(pulls, { resource, collect: collectMetrics })
  }

  get sinks(): readonly SpanSink[] {
    return this.#spans
  }

  /** Whether the exporter could be started. */
  uses(exporter: Exporter): boolean {
    return !this.#unusable.has(exporter)
  }

  get #pipelines(): readonly (Pipeline | MetricPipeline)[] {
    return [...this.#spans, ...this.#metrics]
  }

  /** Those that are fetched from. */
  get pulls(): readonly Exporter[] {
    return this.#listeners.exporters
  }

  /** Opens what is fetched from, once. Resolves to the URLs; never rejects. */
  open(): Promise<readonly string[]> {
    return this.#listeners.open()
  }

  /** How much is on its way that `flush` could deliver. */
  get pending(): number {
    return this.#pipelines.reduce((sum, pipeline) => sum + pipeline.account().pending, 0)
  }

  /** How much is lost so far. */
  get dropped(): number {
    return this.accounts().reduce((sum, { dropped }) => sum + sumOf(Object.values(dropped)), 0)
  }

  async flush(deadlineUnixMs: number): Promise<boolean> {
    const flushed = await Promise.all(this.#pipelines.map((pipeline) => pipeline.flush(deadlineUnixMs)))
    return flushed.every(Boolean)
  }

  /** Never rejects. Listeners serve until everything is sent. */
  async shutdown(deadlineUnixMs: number): Promise<void> {
    await Promise.all(this.#pipelines.map((pipeline) => pipeline.shutdown(deadlineUnixMs)))
    await this.#listeners.close()
  }

  /** Drops everything and starts no more. */
  abandon(): void {
    for (const pipeline of this.#pipelines) pipeline.abandon('not_started')
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
  const encoder = traces.createEncoder(resource)
  if (typeof encoder?.append !== 'function' || typeof encoder.take !== 'function') {
    ;(encoder as unknown as Promise<never> | undefined)?.catch?.(() => {})
    throw new TypeError('createEncoder() returned no encoder')
  }
  const { transport, limits } = traces
  return createPipeline({ exporter: exporter.name, signal: 'traces', encoder, transport, limits })
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
