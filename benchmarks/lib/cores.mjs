import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

const serverCore = '1'
const clientCore = '0'

const canPin = availableParallelism() > 1 && hasTaskset()

export const pinning = canPin
  ? `server on core ${serverCore}, client and sink on core ${clientCore}`
  : 'not pinned: needs taskset and two cores, expect noise'

/** Keeps this process, and what it forks itself, away from the server's core. */
export function pinThisProcess() {
  if (canPin) execFileSync('taskset', ['-acp', clientCore, String(process.pid)], { stdio: 'ignore' })
}

/** `[program, arguments]` that run on the server's core. */
export function onServerCore(program, args) {
  return canPin ? ['taskset', ['-c', serverCore, program, ...args]] : [program, args]
}

function hasTaskset() {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
