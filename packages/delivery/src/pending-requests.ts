import type { HttpRequest, Transport } from '@hashira/core'
import type { DeliveryQueue } from './delivery-queue'
import type { QueuedBatch } from './waiting-batches'

/** A pending batch as a request, for somebody else to send. */
export interface PendingRequest {
  /** `undefined` when the transport is not HTTP, or could not say. */
  readonly request: HttpRequest | undefined
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

function requestOf(transport: Transport, queued: QueuedBatch): HttpRequest | undefined {
  try {
    const request = transport.toRequest?.(queued.batch)
    return request === undefined ? undefined : copyOf(request)
  } catch {
    return undefined
  }
}

/** Only what a worker can be given: one bad request must not keep the others from being sent. Throws for what is none. */
function copyOf({ url, method, headers, body, tls }: HttpRequest): HttpRequest {
  if (!URL.canParse(url) || !ArrayBuffer.isView(body)) throw new TypeError('no request')
  const texts = Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)])
  return {
    url: String(url),
    method: String(method),
    headers: Object.fromEntries(texts),
    body,
    tls: tls && { ca: tls.ca, cert: tls.cert, key: tls.key },
  }
}

function sentSync(transport: Transport, queued: QueuedBatch): boolean {
  try {
    return transport.sendSync?.(queued.batch) === true
  } catch {
    return false
  }
}
