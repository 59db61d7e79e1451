import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { waitFor } from './wait-for.mjs'

/**
 * Starts a server program and waits until `ready()` returns something truthy. Its output goes to the file `log`.
 * Returns `{ stop() }`. Rejects with the last line of the log when the program ends before it is ready.
 */
export async function startServer(program, args, { log, ready, env, timeoutMs = 60_000 }) {
  const output = openSync(log, 'w')
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', output, output] })
  closeSync(output)
  const ended = once(child, 'exit')
  // A parent that ends early must not leave the server behind; by a signal alone it would end without 'exit'.
  const kill = () => child.kill('SIGKILL')
  const exit = () => process.exit(1)
  process.once('exit', kill).once('SIGINT', exit).once('SIGTERM', exit)

  async function stop() {
    process.off('exit', kill).off('SIGINT', exit).off('SIGTERM', exit)
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    const force = setTimeout(kill, 5000)
    await ended
    clearTimeout(force)
  }

  let isReady = false
  const died = ended.then(
    ([code, signal]) => {
      if (isReady) return
      const last = readFileSync(log, 'utf8').trim().split('\n').at(-1)
      throw new Error(`${program} ended with ${signal ?? code} before it was ready: ${last}`)
    },
    (error) => {
      throw new Error(`${program} could not be started: ${error.message}`)
    },
  )
  died.catch(() => {})
  try {
    await Promise.race([waitFor(`${program} to be ready`, ready, { timeoutMs }), died])
    isReady = true
    return { stop }
  } catch (error) {
    if (child.pid !== undefined) await stop()
    throw error
  }
}
