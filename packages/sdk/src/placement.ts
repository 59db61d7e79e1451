import type { Cluster } from 'node:cluster'
import { isMainThread } from 'node:worker_threads'
import type { Environment } from '@hashira/core'

const MARK = 'HASHIRA_PARENT_PID'

/**
 * Whether this process may open a listener and print a start line: not in a worker thread, and not in a child of an
 * instrumented process, which inherits `NODE_OPTIONS` and with it the port of its parent.
 */
export function isMainProcess(env: Environment): boolean {
  const parent = env[MARK]
  return isMainThread && !isClusterWorker() && (parent === undefined || parent === String(process.pid))
}

/** A worker of `node:cluster` has a channel to its parent; to load the module only to ask costs others 1 ms at start. */
function isClusterWorker(): boolean {
  if (process.connected !== true) return false
  const { isWorker } = process.getBuiltinModule('node:cluster') as unknown as Cluster
  return isWorker
}

/** Marks the environment that child processes inherit. */
export function markChildren(): void {
  process.env[MARK] ??= String(process.pid)
}

/** Nothing can scrape a Lambda function. */
export function isLambda(env: Environment): boolean {
  return env['AWS_LAMBDA_FUNCTION_NAME'] !== undefined
}

/** Calls that Lambda's own runtime makes in this process: it posts streamed responses by `node:http`. */
export function runtimeCalls(env: Environment): ((url: string) => boolean)[] {
  const api = env['AWS_LAMBDA_RUNTIME_API']
  return api === undefined || api === '' ? [] : [(url) => url.startsWith(`http://${api}/2018-06-01/`)]
}
