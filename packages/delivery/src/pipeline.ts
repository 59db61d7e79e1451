import {
  type BatchLimits,
  countFault,
  type Encoder,
  type Signal,
  type Sink,
  type SpanRecord,
  type Transport,
} from '@hashira/core'
import type { DeliveryState, ExporterAccount } from './account'
import { batchLimits } from './batch-limits'
import { checkedBatch } from './checked-batch'
import { addDeadline, removeDeadline } from './deadlines'
import { addToDeliveryMetrics, retireFromDeliveryMetrics } from './delivery-accounts'
import { DeliveryQueue } from './delivery-queue'
import { clampDelay } from './detached'
import { errorText } from './error-text'
import { type PendingRequest, pendingRequestsOf } from './pending-requests'
import type { RetryOptions } from './retry-schedule'
import type { SpoolOptions } from './spool'

export interface PipelineOptions<Record = SpanRecord> {
  /** The exporter's name, for messages, metrics and the account: `jaeger`. */
  readonly exporter: string
  readonly signal: Signal
  readonly encoder: Encoder<Record>
  readonly transport: Transport
  /** What differs from {@link DEFAULT_BATCH_LIMITS}. */
  readonly limits?: Partial<BatchLimits> | undefined
  /** Told when the destination breaks (`failing`) and when it answers again (`ok`). */
  readonly onStateChange?: ((state: DeliveryState, detail: string) => void) | undefined
  /** `otel.component.type` of the SDK's own metrics, default `EXPORTER_span_exporter`, `EXPORTER_log_exporter`. */
  readonly componentType?: string | undefined
  /** Where to keep on disk what can't be delivered. Default: nowhere. */
  readonly spool?: SpoolOptions | undefined
  /** Until it resolves no batch is closed for its size or age: the resource is not complete. Never rejects. */
  readonly ready?: Promise<unknown> | undefined
  /** The pauses between tries; for tests, which can't wait for seconds. */
  readonly retry?: Partial<RetryOptions> | undefined
}

/** What every pipeline does, whatever it carries. Nothing here throws or rejects. */
export interface Deliverer {
  account(): ExporterAccount
  /**
   * Sends all that is pending, at once even if the destination is in a pause. Resolves to whether nothing of it is pending
   * any more; false at the deadline (Unix ms), or earlier when the next try would be after it.
   */
  flush(deadlineUnixMs: number): Promise<boolean>
  /** Flushes until the deadline (Unix ms), drops the rest with a reason, and closes the transport. Afterwards nothing is pending. */
  shutdown(deadlineUnixMs: number): Promise<void>
  /** Drops everything pending at once, with `reason`. */
  abandon(reason: string): void
  /** All that is pending, as requests that somebody else may send; synchronous, for the exit of the process. */
  pendingRequests(): PendingRequest[]
}

/** One encoder and one transport: where ended spans or log records go in, and what became of them. */
export interface Pipeline<Record = SpanRecord> extends Sink<Record>, Deliverer {}

export function createPipeline<Record = SpanRecord>(options: PipelineOptions<Record>): Pipeline<Record> {
  return new RecordPipeline(options)
}

class RecordPipeline<Record> implements Pipeline<Record> {
  readonly #encoder: Encoder<Record>
  readonly #transport: Transport
  readonly #queue: DeliveryQueue
  readonly #limits: BatchLimits
  /** Of the open batch. */
  readonly #interval = {
    atMs: 0,
    pass: () => {
      this.#intervalIsOn = false
      if (!this.#isHeld) this.#closeBatch()
    },
  }
  #intervalIsOn = false
  #isHeld = false
  readonly #groupSize: number
  /** Not encoded yet; less than a group. */
  #waiting: Record[] = []
  /** Of the open batch, encoded. */
  #openItems = 0
  #openBytes = 0
  #ended: Promise<void> | undefined

  constructor(options: PipelineOptions<Record>) {
    const { exporter, signal, transport, retry, onStateChange } = options
    this.#encoder = options.encoder
    this.#groupSize = options.encoder.groupSize ?? 1
    this.#transport = transport
    this.#limits = batchLimits(options.limits, signal)
    const openItems = () => this.#openItems + this.#waiting.length
    this.#queue = new DeliveryQueue({
      exporter,
      signal,
      transport,
      limits: this.#limits,
      retry,
      spool: options.spool,
      onStateChange,
      openItems,
    })
    if (options.ready !== undefined) this.#holdUntil(options.ready)
    addToDeliveryMetrics(this, {
      componentType: options.componentType ?? `${exporter}_${signal === 'logs' ? 'log' : 'span'}_exporter`,
      read: () => this.account(),
      inFlightItems: () => this.#queue.inFlightItems,
      exportFailures: this.#queue.account.exportFailures,
    })
  }

  append(record: Record): void {
    this.#queue.account.ended++
    if (this.#ended !== undefined) {
      this.#queue.account.drop(1, 'after_shutdown')
      return
    }
    const waiting = this.#waiting.push(record)
    const items = this.#openItems + waiting
    if (waiting >= this.#groupSize || items >= this.#limits.maxBatchItems) this.#encodeWaiting()
    else if (items === 1) this.#startInterval()
  }

  #encodeWaiting(): void {
    const records = this.#waiting
    if (records.length === 0) return
    this.#waiting = []
    for (const record of records) this.#encode(record)
  }

  #encode(record: Record): void {
    if (!this.#hasRoom()) return
    let bytes: number
    try {
      this.#encoder.append(record)
      bytes = this.#encoder.byteLength
    } catch (error) {
      this.#queue.dropItems(1, 'encode_error', errorText(error))
      return
    }
    const items = ++this.#openItems
    this.#openBytes = bytes
    const isFull = items >= this.#limits.maxBatchItems || bytes >= this.#limits.maxBatchBytes
    if (isFull && !this.#isHeld) this.#closeEncoded()
    else if (items === 1) this.#startInterval()
  }

  refuse(reason: string): void {
    this.#queue.account.ended++
    this.#queue.account.drop(1, reason)
  }

  account(): ExporterAccount {
    this.#encodeWaiting()
    const closed = this.#queue.read()
    return { ...closed, queueBytes: closed.queueBytes + this.#openBytes }
  }

  flush(deadlineUnixMs: number): Promise<boolean> {
    this.#closeBatch()
    return this.#queue.flush(deadlineUnixMs)
  }

  shutdown(deadlineUnixMs: number): Promise<void> {
    if (this.#ended === undefined) {
      this.#closeBatch()
      this.#ended = this.#queue.shutdown(deadlineUnixMs).then(() => retireFromDeliveryMetrics(this))
    }
    return this.#ended
  }

  abandon(reason: string): void {
    this.#closeBatch()
    this.#queue.abandon(reason)
    this.#ended ??= Promise.resolve()
    retireFromDeliveryMetrics(this)
  }

  pendingRequests(): PendingRequest[] {
    this.#closeBatch()
    return pendingRequestsOf(this.#queue, this.#transport)
  }

  #startInterval(): void {
    if (this.#intervalIsOn) return
    this.#intervalIsOn = true
    this.#interval.atMs = performance.now() + clampDelay(this.#limits.intervalMs)
    addDeadline(this.#interval)
  }

  #holdUntil(ready: Promise<unknown>): void {
    this.#isHeld = true
    void ready.then(() => {
      this.#isHeld = false
      this.#closeBatch()
    })
  }

  #hasRoom(): boolean {
    const queue = this.#queue
    const items = this.#openItems + 1
    if (!queue.isOver(this.#openBytes, items) || queue.makeRoom(this.#openBytes, items)) return true
    queue.dropItems(1, 'queue_full', 'no waiting batch is left to make room')
    return false
  }

  #closeBatch(): void {
    this.#encodeWaiting()
    this.#closeEncoded()
  }

  #closeEncoded(): void {
    const items = this.#openItems
    if (items === 0) return
    removeDeadline(this.#interval)
    this.#intervalIsOn = false
    this.#openItems = 0
    this.#openBytes = 0
    try {
      this.#queue.offer(checkedBatch(this.#encoder.take()), items)
    } catch (error) {
      countFault('encoder_take')
      this.#queue.dropItems(items, 'encode_error', errorText(error))
    }
  }
}
