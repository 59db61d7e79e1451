import type { Exporter, PushMetrics, PushTraces, Resource, SpanObserver, SpanRecord } from '@hashira/core'
import { HttpTransport } from '@hashira/delivery'
import { agentHeaders } from './agent/agent-headers'
import { AgentLink } from './agent/agent-link'
import type { AgentOffer } from './agent/agent-offer'
import { type Entity, readEntity } from './agent/entity'
import { TraceTransport } from './agent/trace-transport'
import { type DatadogOptions, type DatadogSettings, datadogSettings } from './datadog-options'
import { dogstatsdMetrics } from './dogstatsd/dogstatsd-metrics'
import { createSampler } from './sampling/datadog-sampler'
import { sampling } from './sampling/sampling-state'
import { DatadogSpanEncoder } from './spans/datadog-span-encoder'
import { type Identity, identityOf } from './spans/identity'
import { encodeStatistics } from './statistics/encode-statistics'
import { BUCKET_SECONDS, SpanStatistics } from './statistics/span-statistics'

/**
 * Traces, statistics about them and metrics to the Datadog agent: traces and statistics to its trace agent (port 8126 or its unix
 * socket), metrics to DogStatsD (port 8125 or its unix socket). Brings Datadog's sampling along, by the rates that the agent sets.
 *
 * Reads the `DD_*` variables of its option table, `OTEL_BSP_*` and `OTEL_METRIC_EXPORT_INTERVAL`; options in code win.
 * Throws `HASHIRA_OPTION_INVALID` and `HASHIRA_OPTION_UNKNOWN`; opens nothing before Hashira starts.
 */
export function datadog(options?: DatadogOptions): Exporter {
  const settings = datadogSettings(options, process.env)
  const entity = readEntity()
  return {
    name: 'datadog',
    traces: new AgentTraces(settings, entity),
    metrics: dogstatsdMetrics(settings, entity),
    sampler: createSampler(settings.sampler),
  }
}

/** What goes to the trace agent. */
class AgentTraces implements PushTraces {
  readonly transport: TraceTransport
  readonly limits: DatadogSettings['limits']
  readonly observer: SpanObserver | undefined
  readonly statistics: PushMetrics | undefined
  readonly #settings: DatadogSettings
  readonly #link: AgentLink
  readonly #countsAll = () => this.#link.offer.hasStatistics
  #identity: Identity | undefined
  #counted: SpanStatistics | undefined
  #sequence = 0

  constructor(settings: DatadogSettings, entity: Entity) {
    const { agent, values, version, limits } = settings
    const headers = agentHeaders(entity, values.externalEnv)
    this.#settings = settings
    this.#link = new AgentLink({ address: agent, version })
    this.limits = limits
    this.transport = new TraceTransport({
      link: this.#link,
      headers,
      timeoutMs: values.timeoutMs,
      onClose: () => sampling.countsAll.delete(this.#countsAll),
    })
    if (!values.statistics) return
    this.observer = { onEnd: (record: SpanRecord, sampled: boolean) => this.#counted?.onEnd(record, sampled) }
    this.statistics = this.#pushStatistics(headers)
  }

  createEncoder(resource: Resource): DatadogSpanEncoder {
    const identity = identityOf(resource, this.#settings.identity)
    const encoder = new DatadogSpanEncoder(identity, () => this.#offer())
    this.#identity = identity
    // A span that is encoded counts where its batch says so; the others as soon as the agent takes statistics.
    const offerFor = (sampled: boolean) => (sampled ? encoder.offer : this.#offer())
    if (this.#settings.values.statistics) {
      this.#counted = new SpanStatistics({ service: identity.service, offerFor })
      sampling.countsAll.add(this.#countsAll)
    }
    this.#link.start()
    return encoder
  }

  #offer(): AgentOffer {
    const { offer } = this.#link
    return this.#settings.values.statistics ? offer : { ...offer, hasStatistics: false }
  }

  #pushStatistics(headers: Readonly<Record<string, string>>): PushMetrics {
    const { agent, values } = this.#settings
    return {
      kind: 'push',
      name: 'datadog.statistics',
      transport: new HttpTransport({
        url: `${agent.url}/v0.6/stats`,
        socketPath: agent.socketPath,
        method: 'PUT',
        contentType: 'application/msgpack',
        headers,
        timeoutMs: values.timeoutMs,
        retryableStatuses: [408],
      }),
      temporality: 'cumulative',
      intervalMs: BUCKET_SECONDS * 1e3,
      needsSnapshot: false,
      encode: () =>
        this.#counted === undefined || this.#identity === undefined
          ? []
          : encodeStatistics(this.#counted.take(), this.#identity, () => ++this.#sequence),
    }
  }
}
