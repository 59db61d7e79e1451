import {
  type Batch,
  type BatchLimits,
  collectMetrics,
  countFault,
  type MetricSnapshot,
  type PushMetrics,
  type Resource,
} from '@hashira/core'
import type { DeliveryState, ExporterAccount } from './account'
import { batchLimits } from './batch-limits'
import { checkedBatches, checkedCountedBatch } from './checked-batch'
import { addToDeliveryMetrics, retireFromDeliveryMetrics } from './delivery-accounts'
import { DeliveryQueue } from './delivery-queue'
import { DeltaReader } from './delta-reader'
import { clampDelay, detached, idleTimer } from './detached'
import { errorText } from './error-text'
import { type PendingRequest, pendingRequestsOf } from './pending-requests'
import type { Deliverer } from './pipeline'
import type { RetryOptions } from './retry-schedule'
import type { SpoolOptions } from './spool'
import { Turns } from './turns'
import { within } from './within'

export interface MetricPipelineOptions {
  /** The exporter's name, for messages, metrics and the account. */
  readonly exporter: string
  readonly push: PushMetrics
  readonly resource: Resource
  /** What holds where `push.limits` says nothing. */
  readonly limits?: Partial<BatchLimits> | undefined
  readonly onStateChange?: ((state: DeliveryState, detail: string) => void) | undefined
  /** Where snapshots come from; default: every metric source of the process. */
  readonly collect?: (() => Promise<MetricSnapshot>) | undefined
  /** Where to keep on disk what can't be delivered. Default: nowhere. */
  readonly spool?: SpoolOptions | undefined
  /** The pauses between tries; for tests, which can't wait for seconds. */
  readonly retry?: Partial<RetryOptions> | undefined
}

/** Pushes a snapshot every interval, and at each flush. Its account counts data points, from when they are encoded. */
export type MetricPipeline = Deliverer

export function createMetricPipeline(options: MetricPipelineOptions): MetricPipeline {
  return new PeriodicMetricPipeline(options)
}

const DEFAULT_INTERVAL_MS = 60_000
/** OTEL_METRIC_EXPORT_TIMEOUT's default: a source that takes longer does not hold up the next snapshot. */
const COLLECT_TIMEOUT_MS = 30_000

class PeriodicMetricPipeline implements MetricPipeline {
  readonly #options: MetricPipelineOptions
  readonly #queue: DeliveryQueue
  readonly #delta: DeltaReader | undefined
  readonly #timer: NodeJS.Timeout
  #pushing: Promise<void> | undefined
  #ended: Promise<void> | undefined

  constructor(options: MetricPipelineOptions) {
    const { exporter, push, retry, onStateChange } = options
    this.#options = options
    this.#delta = push.temporality === 'delta' ? new DeltaReader() : undefined
    const limits = batchLimits({ ...options.limits, ...push.limits }, 'metrics')
    const { transport } = push
    this.#queue = new DeliveryQueue({
      exporter,
      signal: 'metrics',
      transport,
      limits,
      retry,
      spool: options.spool,
      onStateChange,
      openItems: () => 0,
    })
    const intervalMs = clampDelay(push.intervalMs ?? DEFAULT_INTERVAL_MS)
    this.#timer = detached(() => setInterval(() => this.#push(), intervalMs).unref())
    addToDeliveryMetrics(this, {
      componentType: `${exporter}_metric_exporter`,
      read: () => this.account(),
      inFlightItems: () => this.#queue.inFlightItems,
      exportFailures: this.#queue.account.exportFailures,
    })
  }

  account(): ExporterAccount {
    return this.#queue.read()
  }

  async flush(deadlineUnixMs: number): Promise<boolean> {
    if (this.#ended !== undefined) return true
    const collected = await this.#pushBefore(deadlineUnixMs)
    return (await this.#queue.flush(deadlineUnixMs)) && collected
  }

  shutdown(deadlineUnixMs: number): Promise<void> {
    this.#ended ??= this.#shutdown(deadlineUnixMs)
    return this.#ended
  }

  abandon(reason: string): void {
    clearInterval(this.#timer)
    this.#ended ??= Promise.resolve()
    this.#queue.abandon(reason)
    retireFromDeliveryMetrics(this)
  }

  pendingRequests(): PendingRequest[] {
    return pendingRequestsOf(this.#queue, this.#options.push.transport)
  }

  async #shutdown(deadlineUnixMs: number): Promise<void> {
    clearInterval(this.#timer)
    await this.#pushBefore(deadlineUnixMs)
    await this.#queue.shutdown(deadlineUnixMs)
    retireFromDeliveryMetrics(this)
  }

  /** A last snapshot; keeps the process alive for it, and gives up at the deadline. */
  async #pushBefore(deadlineUnixMs: number): Promise<boolean> {
    // One that is under way may have been read before what the caller wants to see sent.
    if (this.#pushing !== undefined) await within(this.#pushing, deadlineUnixMs)
    return within(this.#push(), deadlineUnixMs)
  }

  #push(): Promise<void> {
    this.#pushing ??= detached(() => this.#collectAndOffer()).finally(() => {
      this.#pushing = undefined
    })
    return this.#pushing
  }

  async #collectAndOffer(): Promise<void> {
    const snapshot = await this.#collect()
    if (snapshot === undefined || this.#queue.closed) return
    let left = countPoints(snapshot)
    try {
      const { push, resource } = this.#options
      const turns = new Turns()
      const read = this.#delta === undefined ? snapshot : await turns.run(this.#delta.steps(snapshot))
      left = countPoints(read)
      if (left === 0 && push.needsSnapshot !== false) return
      for (const value of checkedBatches(push.encode(read, resource))) {
        if (value !== undefined) left -= this.#offer(checkedCountedBatch(value))
        await turns.next()
        if (this.#queue.closed) return
      }
    } catch (error) {
      const lost = Math.max(left, 0)
      this.#queue.account.ended += lost
      this.#queue.dropItems(lost, 'encode_error', errorText(error))
    }
  }

  #offer(batch: Batch): number {
    this.#queue.account.ended += batch.itemCount
    this.#queue.offer(batch, batch.itemCount)
    return batch.itemCount
  }

  async #collect(): Promise<MetricSnapshot | undefined> {
    const { push, collect = collectMetrics } = this.#options
    if (push.needsSnapshot === false) return { families: [], failures: [], timeUnixMs: Date.now() }
    let guard: NodeJS.Timeout | undefined
    const tooLong = new Promise<undefined>((resolve) => {
      guard = idleTimer(COLLECT_TIMEOUT_MS, () => {
        countFault('collect_timeout')
        resolve(undefined)
      })
    })
    try {
      return await Promise.race([collect(), tooLong])
    } catch {
      countFault('collect')
      return undefined
    } finally {
      clearTimeout(guard)
    }
  }
}

function countPoints(snapshot: MetricSnapshot): number {
  return snapshot.families.reduce((count, family) => count + family.points.length, 0)
}
