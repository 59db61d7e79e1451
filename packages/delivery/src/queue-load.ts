import type { BatchLimits } from '@hashira/core'
import { describeBytes } from './batch-limits'
import type { QueuedBatch } from './waiting-batches'

/** How much a queue holds: of closed batches, waiting and under way. */
export class QueueLoad {
  /** In memory. */
  bytes = 0
  /** All that is pending, also what only the spool has. */
  items = 0
  #heldItems = 0
  readonly #limits: BatchLimits

  constructor(limits: BatchLimits) {
    this.#limits = limits
  }

  /** It is pending from now on. */
  add(queued: QueuedBatch): void {
    this.items += queued.items
    if (queued.batch !== undefined) this.hold(queued)
  }

  /** It is not pending any more. */
  remove(queued: QueuedBatch): void {
    this.items -= queued.items
    if (queued.batch !== undefined) this.#letGo(queued)
  }

  /** Its bytes are in memory from now on. */
  hold(queued: QueuedBatch): void {
    this.bytes += queued.byteLength
    this.#heldItems += queued.items
  }

  /** Its bytes stay with the spool alone. */
  leaveToSpool(queued: QueuedBatch): void {
    queued.batch = undefined
    this.#letGo(queued)
  }

  /** Whether this and an open batch of this size are over the bound. */
  isOver(openBytes: number, openItems: number): boolean {
    const { maxQueueBytes, maxQueueItems } = this.#limits
    return this.bytes + openBytes > maxQueueBytes || this.#heldItems + openItems > maxQueueItems
  }

  /** More than half of the bound. */
  get isHigh(): boolean {
    const { maxQueueBytes, maxQueueItems } = this.#limits
    return this.bytes > maxQueueBytes / 2 || this.#heldItems > maxQueueItems / 2
  }

  /** For messages: the bound that is exceeded. */
  exceeded(openItems: number): string {
    const { maxQueueBytes, maxQueueItems } = this.#limits
    return this.#heldItems + openItems > maxQueueItems
      ? `${maxQueueItems} items`
      : describeBytes(maxQueueBytes)
  }

  #letGo(queued: QueuedBatch): void {
    this.bytes -= queued.byteLength
    this.#heldItems -= queued.items
  }
}
