import type { Transport, TransportRequest } from '@hashira/core'
import type { DeliveryQueue, Settled } from './delivery-queue'
import { exitRequest } from './exit-request'
import type { QueuedBatch } from './waiting-batches'

/** A pending batch as a request, for somebody else to send. */
export interface PendingRequest {
  /** `undefined` when the transport has none for it. */
  readonly request: TransportRequest | undefined
  readonly itemCount: number
  /** Delivers it synchronously; `false` when the transport cannot. */
  sendSync(): boolean
  /** Ends it: delivered (no argument), or left to the spool, else dropped for a reason. */
  settle(droppedFor?: string): Settled
}

export function pendingRequestsOf(queue: DeliveryQueue, transport: Transport): PendingRequest[] {
  return queue.pendingBatches().map((queued) => ({
    request: requestOf(transport, queued),
    itemCount: queued.items,
    sendSync: () => sentSync(transport, queued),
    settle: (reason) =>
      reason === undefined ? queue.settle(queued, undefined) : queue.settleAtExit(queued, reason),
  }))
}

function requestOf(transport: Transport, { batch }: QueuedBatch): TransportRequest | undefined {
  // What only the spool has is safe there.
  if (batch === undefined) return undefined
  try {
    const request = transport.toRequest?.(batch)
    return request === undefined ? undefined : exitRequest(request)
  } catch {
    return undefined
  }
}

function sentSync(transport: Transport, { batch }: QueuedBatch): boolean {
  try {
    return batch !== undefined && transport.sendSync?.(batch) === true
  } catch {
    return false
  }
}
