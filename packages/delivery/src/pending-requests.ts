import type { Transport, TransportRequest } from '@hashira/core'
import type { DeliveryQueue } from './delivery-queue'
import { exitRequest } from './exit-request'
import type { QueuedBatch } from './waiting-batches'

/** A pending batch as a request, for somebody else to send. */
export interface PendingRequest {
  /** `undefined` when the transport has none for it. */
  readonly request: TransportRequest | undefined
  readonly itemCount: number
  /** Delivers it synchronously; `false` when the transport cannot. */
  sendSync(): boolean
  /** What became of it: delivered (no argument), or dropped for a reason. */
  settle(droppedFor?: string): void
}

export function pendingRequestsOf(queue: DeliveryQueue, transport: Transport): PendingRequest[] {
  return queue.pendingBatches().map((queued) => ({
    request: requestOf(transport, queued),
    itemCount: queued.items,
    sendSync: () => sentSync(transport, queued),
    settle: (droppedFor) => queue.settle(queued, droppedFor),
  }))
}

function requestOf(transport: Transport, queued: QueuedBatch): TransportRequest | undefined {
  try {
    const request = transport.toRequest?.(queued.batch)
    return request === undefined ? undefined : exitRequest(request)
  } catch {
    return undefined
  }
}

function sentSync(transport: Transport, queued: QueuedBatch): boolean {
  try {
    return transport.sendSync?.(queued.batch) === true
  } catch {
    return false
  }
}
