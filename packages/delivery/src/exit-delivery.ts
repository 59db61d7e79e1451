import { Worker } from 'node:worker_threads'
import type { HttpRequest } from '@hashira/core'
import { countFault } from '@hashira/core'
import { EXIT_WORKER_SOURCE } from './exit-worker'
import type { PendingRequest } from './pending-requests'

const DELIVERED = 1

export interface ExitDelivery {
  /** Items that backends acknowledged. */
  readonly sent: number
  /** Items that are lost, dropped with the reason `exit`. */
  readonly lost: number
}

/**
 * Sends what is pending while the process exits: a worker makes the requests, this thread waits for it, at most `budgetMs`.
 * Synchronous, for the `exit` event; never throws. Afterwards the pipelines are empty and end.
 */
export function deliverAtExit(
  pipelines: readonly { pendingRequests(): PendingRequest[]; abandon(reason: string): void }[],
  budgetMs: number,
): ExitDelivery {
  const pending = pipelines.flatMap((pipeline) => pipeline.pendingRequests())
  const sendable = pending.filter(({ request }) => request !== undefined)
  const statuses = sendable.length === 0 ? undefined : sendFromWorker(sendable, budgetMs)
  let sent = 0
  let lost = 0
  for (const one of pending) {
    const index = sendable.indexOf(one)
    const acknowledged =
      index >= 0 && statuses !== undefined && Atomics.load(statuses, index + 1) === DELIVERED
    if (acknowledged) sent += one.itemCount
    else lost += one.itemCount
    one.settle(acknowledged ? undefined : 'exit')
  }
  for (const pipeline of pipelines) pipeline.abandon('exit')
  return { sent, lost }
}

function sendFromWorker(pending: readonly PendingRequest[], budgetMs: number): Int32Array | undefined {
  const deadlineMs = performance.now() + budgetMs
  const progress = new SharedArrayBuffer(4 * (pending.length + 1))
  const view = new Int32Array(progress)
  try {
    startWorker(
      pending.map(({ request }) => request as HttpRequest),
      progress,
    )
    let settled = 0
    for (
      let leftMs = budgetMs;
      settled < pending.length && leftMs > 0;
      leftMs = deadlineMs - performance.now()
    ) {
      Atomics.wait(view, 0, settled, leftMs)
      settled = Atomics.load(view, 0)
    }
    return view
  } catch {
    countFault('exit_worker')
    return undefined
  }
}

function startWorker(requests: readonly HttpRequest[], progress: SharedArrayBuffer): void {
  // No preloads: neither from the command line (execArgv) nor from NODE_OPTIONS. The worker prints nowhere.
  const { NODE_OPTIONS: _preloads, ...env } = process.env
  const worker = new Worker(EXIT_WORKER_SOURCE, {
    eval: true,
    execArgv: [],
    env,
    stdout: true,
    stderr: true,
    workerData: { requests, progress },
  })
  worker.on('error', () => {})
  worker.unref()
}
