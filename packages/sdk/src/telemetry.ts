import {
  collectMetrics,
  type Exporter,
  HashiraError,
  type LogRecord,
  type LogSink,
  type PushMetrics,
  type Resource,
  type SpanSink,
  warnOnce,
} from '@hashira/core'
import {
  createMetricPipeline,
  type Deliverer,
  deliverAtExit,
  type ExporterAccount,
  type MetricPipeline,
  type Pipeline,
  type SpoolOptions,
} from '@hashira/delivery'
import type { SpanProcessor } from '@hashira/tracing'
import type { ChosenExporters } from './choose-exporters'
import { limitsWith } from './environment-limits'
import { metricsOf, pullsOf } from './exporter-metrics'
import { PlugInProcessors } from './plug-in-processors'
import { PullListeners } from './pull-listeners'
import { recordPipeline } from './record-pipeline'

export interface TelemetryOptions {
  readonly processors?: readonly SpanProcessor[] | undefined
  readonly spool?: SpoolOptions | undefined
  /** Resolves when the resource has all its attributes; what is exported waits for it. */
  readonly complete?: Promise<void> | undefined
}

/** The pipelines of all chosen exporters, and the listeners of those that are fetched from. */
export class Telemetry {
  readonly #spans: readonly Pipeline[]
  readonly #logs: readonly Pipeline<LogRecord>[]
  readonly #metrics: readonly MetricPipeline[]
  readonly #listeners: PullListeners
  readonly #processors: PlugInProcessors
  readonly #complete: Promise<void> | undefined
  readonly #unusable = new Set<Exporter>()

  /** @throws HashiraError HASHIRA_EXPORTER_INVALID for an exporter of the code that can't be used; one of the environment is a warning */
  constructor(
    chosen: ChosenExporters,
    resource: Resource,
    { processors = [], spool, complete }: TelemetryOptions,
  ) {
    this.#complete = complete
    const given = { resource, spool, ready: complete }
    this.#processors = new PlugInProcessors(processors)
    const made: Deliverer[] = []
    const make = <P extends Deliverer>(exporter: Exporter, create: () => P): P[] => {
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
    const push = (exporter: Exporter, metrics: PushMetrics): MetricPipeline[] =>
      make(exporter, () =>
        createMetricPipeline({
          exporter: metrics.name ?? exporter.name,
          push: metrics,
          resource,
          limits: limitsWith(metrics.limits, 'metrics', process.env),
          spool,
        }),
      )
    this.#spans = chosen.traces.flatMap((exporter) =>
      make(exporter, () => recordPipeline(exporter, 'traces', exporter.traces!, given)),
    )
    this.#logs = chosen.logs.flatMap((exporter) =>
      make(exporter, () => recordPipeline(exporter, 'logs', exporter.logs!, given)),
    )
    const statistics = chosen.traces.flatMap((exporter) => {
      const pushed = exporter.traces?.statistics
      return pushed === undefined || !this.uses(exporter) ? [] : push(exporter, pushed)
    })
    const metrics = chosen.metrics.flatMap((exporter) =>
      metricsOf(exporter).flatMap((one) => (one.kind === 'push' ? push(exporter, one) : [])),
    )
    this.#metrics = [...statistics, ...metrics]
    const pulls = chosen.metrics.filter((exporter) => pullsOf(exporter).length > 0)
    this.#listeners = new PullListeners(pulls, { resource, collect: collectMetrics })
  }

  get sinks(): readonly SpanSink[] {
    return this.#spans
  }

  get logSinks(): readonly LogSink[] {
    return this.#logs
  }

  /** Whether the exporter could be started. */
  uses(exporter: Exporter): boolean {
    return !this.#unusable.has(exporter)
  }

  get #pipelines(): readonly Deliverer[] {
    return [...this.#spans, ...this.#logs, ...this.#metrics]
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
    await this.#completeBefore(deadlineUnixMs)
    const pipelines = this.#pipelines.map((pipeline) => pipeline.flush(deadlineUnixMs))
    const flushed = await Promise.all([...pipelines, this.#processors.flush(deadlineUnixMs)])
    return flushed.every(Boolean)
  }

  /** Never rejects. Listeners serve until everything is sent. */
  async shutdown(deadlineUnixMs: number): Promise<void> {
    await this.#completeBefore(deadlineUnixMs)
    const pipelines = this.#pipelines.map((pipeline) => pipeline.shutdown(deadlineUnixMs))
    await Promise.all([...pipelines, this.#processors.shutdown(deadlineUnixMs)])
    await this.#listeners.close()
  }

  async #completeBefore(deadlineUnixMs: number): Promise<void> {
    if (this.#complete === undefined) return
    let timer: NodeJS.Timeout | undefined
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, Math.max(deadlineUnixMs - Date.now(), 0))
    })
    await Promise.race([this.#complete, late])
    clearTimeout(timer)
  }

  /** Drops everything and starts no more. */
  abandon(): void {
    for (const pipeline of this.#pipelines) pipeline.abandon('not_started')
  }

  /** How much was left in the spool for the next run. */
  get spooled(): number {
    return this.accounts().reduce((sum, account) => sum + account.spooled, 0)
  }

  /** The last attempt while the process exits: synchronous, at most `budgetMs`. Returns what did not arrive. */
  deliverAtExit(budgetMs: number): { readonly lost: number; readonly spooled: number } {
    const waiting = this.#pipelines.filter((pipeline) => pipeline.account().pending > 0)
    return waiting.length === 0 ? { lost: 0, spooled: 0 } : deliverAtExit(waiting, budgetMs)
  }

  accounts(): ExporterAccount[] {
    return this.#pipelines.map((pipeline) => pipeline.account())
  }
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
