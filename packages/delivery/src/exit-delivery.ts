import { Worker } from 'node:worker_threads'
import type { TransportRequest } from '@hashira/core'
import { countFault } from '@hashira/core'
import { buffersOf } from './exit-request'
import { EXIT_WORKER_SOURCE } from './exit-worker'
import type { PendingRequest } from './pending-requests'

const ACKNOWLEDGED = 1
const SENT = 3

export interface ExitDelivery {
  /** Items that backends acknowledged. */
  readonly sent: number
  /** Items that are lost, dropped as `exit`, or as `timeout_after_send` when a backend got them but did not answer. */
  readonly lost: number
  /** Items that the spool keeps for the next run. */
  readonly spooled: number
}

/**
 * Sends what is pending while the process exits: a worker makes the requests, this thread waits for it, at most `budgetMs`.
 * Synchronous, for the `exit` event; never throws. Afterwards the pipelines are empty and end. Any 2xx answer counts as
 * delivered: what it says about single items is not read; so does what the operating system took of UDP and streams. A small batch takes about 30 ms on Node 20, 35 on 24, 40 on 26.
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
  let spooled = 0
  let index = 0
  for (const { request, itemCount, sendSync, settle } of pending) {
    const status = request === undefined ? undefined : statuses?.[++index]
    if (status === ACKNOWLEDGED || sendSync()) {
      sent += itemCount
      settle()
    } else {
      const settled = settle(status === SENT ? 'timeout_after_send' : 'exit')
      if (settled === 'spooled') spooled += itemCount
      else lost += itemCount
    }
  }
  for (const pipeline of pipelines) pipeline.abandon('exit')
  return { sent, lost, spooled }
}

function sendFromWorker(pending: readonly PendingRequest[], budgetMs: number): Int32Array | undefined {
  const deadlineMs = performance.now() + budgetMs
  const progress = new SharedArrayBuffer(4 * (pending.length + 1))
  const view = new Int32Array(progress)
  try {
    startWorker(
      pending.map(({ request }) => request as TransportRequest),
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

function startWorker(requests: readonly TransportRequest[], progress: SharedArrayBuffer): void {
  // No preloads: neither from the command line (execArgv) nor from NODE_OPTIONS (env). The worker prints nowhere.
  const worker = new Worker(EXIT_WORKER_SOURCE, {
    eval: true,
    execArgv: [],
    env: {},
    stdout: true,
    stderr: true,
    workerData: { requests, progress },
    transferList: requests.flatMap(buffersOf),
  })
  worker.on('error', () => {})
  worker.unref()
}
