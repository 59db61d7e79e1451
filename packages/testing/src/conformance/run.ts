import assert from 'node:assert/strict'
import {
  AttributeList,
  type Exporter,
  type LogRecord,
  type MetricSnapshot,
  type PushMetrics,
  type Signal,
  type SpanRecord,
} from '@hashira/core'
import { createMetricPipeline, createPipeline, type Deliverer, type ExporterAccount } from '@hashira/delivery'
import type { ConformanceOptions, ReceivedMessage } from './conformance-options'
import { goldenLog } from './golden-logs'
import { loadMetrics } from './golden-metrics'
import { goldenRecord } from './golden-spans'
import { pushOf } from './push-of'

/** `conformance`, as every golden item's `service.name`. */
export const RESOURCE = {
  attributes: new AttributeList(['service.name', 'conformance', 'service.version', '1.2.3']),
}

/** One exporter and signal with a pipeline of delivery's own behind it, as Hashira makes it. */
export interface Run {
  readonly deliverer: Deliverer
  /** Hands over so many items; of metrics: the snapshots have so many more from now on. */
  add(count: number): void
  /** Hands over this one; of metrics: the snapshot from now on. */
  give(item: GivenItem): void
}

export type GivenItem = SpanRecord | LogRecord | MetricSnapshot

/** Pauses short enough for a test; small batches, so that there are several. */
const RETRY = { initialMs: 5, maxMs: 20 }
const LIMITS = { intervalMs: 5, maxBatchItems: 10 }
/** Nobody waits so long: every snapshot is one that a test asked for. */
const NEVER_MS = 3_600_000

export function startRun(exporter: Exporter, signal: Signal, stream: string | undefined): Run {
  if (signal === 'traces') return startTraces(exporter)
  return signal === 'logs' ? startLogs(exporter) : startMetrics(exporter, stream)
}

function startTraces({ name, traces }: Exporter): Run {
  assert.ok(traces, `${name} has no traces`)
  const { transport, observer } = traces
  const encoder = traces.createEncoder(RESOURCE)
  const limits = { ...traces.limits, ...LIMITS }
  const pipeline = createPipeline({
    exporter: name,
    signal: 'traces',
    encoder,
    transport,
    limits,
    retry: RETRY,
  })
  const give = (item: GivenItem) => {
    observer?.onEnd(item as SpanRecord, true)
    pipeline.append(item as SpanRecord)
  }
  return { deliverer: pipeline, give, add: repeated(() => give(goldenRecord())) }
}

function startLogs({ name, logs }: Exporter): Run {
  assert.ok(logs, `${name} has no logs`)
  const { transport } = logs
  const encoder = logs.createEncoder(RESOURCE)
  const limits = { ...logs.limits, ...LIMITS }
  const pipeline = createPipeline({
    exporter: name,
    signal: 'logs',
    encoder,
    transport,
    limits,
    retry: RETRY,
  })
  const give = (item: GivenItem) => pipeline.append(item as LogRecord)
  return { deliverer: pipeline, give, add: repeated(() => give(goldenLog())) }
}

function startMetrics(exporter: Exporter, stream: string | undefined): Run {
  let count = 0
  let turn = 0
  let given: MetricSnapshot | undefined
  const push = pushOf(exporter, stream)
  const deliverer = createMetricPipeline({
    exporter: push.name ?? exporter.name,
    push: withInterval(push, NEVER_MS),
    resource: RESOURCE,
    retry: RETRY,
    collect: async () => given ?? loadMetrics(count, ++turn),
  })
  return {
    deliverer,
    add(more) {
      count += more
    },
    give(item) {
      given = item as MetricSnapshot
    },
  }
}

function withInterval(push: PushMetrics, intervalMs: number): PushMetrics {
  const { name, transport, temporality, limits } = push
  const encode: PushMetrics['encode'] = (snapshot, resource) => push.encode(snapshot, resource)
  return { kind: 'push', name, transport, temporality, limits, intervalMs, encode }
}

function repeated(once: () => void): (count: number) => void {
  return (count) => {
    for (let i = 0; i < count; i++) once()
  }
}

export function countItemsOf(
  options: ConformanceOptions,
  signal: Signal,
): (message: ReceivedMessage) => number {
  if (signal === 'metrics') return (message) => options.metrics?.countItems(message) ?? 0
  const decode = options[signal]?.decode
  return (message) => decode?.(message).length ?? 0
}

/** `ended = delivered + dropped + pending`, and nothing of them negative. */
export function assertBalanced(account: ExporterAccount): ExporterAccount {
  const { ended, delivered, pending, queueBytes } = account
  const told = JSON.stringify(account)
  assert.equal(ended, delivered + droppedItems(account) + pending, told)
  assert.ok(pending >= 0 && delivered >= 0 && queueBytes >= 0, told)
  return account
}

export function droppedItems({ dropped }: ExporterAccount): number {
  return Object.values(dropped).reduce((sum, items) => sum + items, 0)
}
