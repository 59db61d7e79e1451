// One server process: starts the app, tells its parent the port, and answers `sample` with what the process has cost so far,
// `collect` with the same after a garbage collection.
// Everything is loaded by `require`, the way of loading that all rivals patch without further flags.
import { createRequire } from 'node:module'
import { CountingDestination } from './destination.mjs'
import { startExpress } from './express.mjs'
import { startFastify } from './fastify.mjs'

const { BENCH_FRAMEWORK, BENCH_INSTRUMENTATION, BENCH_LOGS, BENCH_HASHIRA_FOLDER } = process.env

const destination = new CountingDestination()
const start = BENCH_FRAMEWORK === 'fastify' ? startFastify : startExpress
const port = await start({
  require: createRequire(import.meta.url),
  hashira: BENCH_INSTRUMENTATION === 'hashira' ? createRequire(BENCH_HASHIRA_FOLDER) : undefined,
  logs: BENCH_LOGS === 'true',
  destination,
})
destination.reset() // forgets Fastify's own line about its address
process.send({ port, ...sample() })

process.on('message', (message) => {
  if (message === 'sample') process.send(sample())
  // On a timer of its own, because what comes over IPC is handled inside of a tick.
  if (message === 'collect') setTimeout(collect, 20)
})

function collect() {
  globalThis.gc()
  process.send(sample())
}

// The parent was interrupted.
process.on('disconnect', () => process.exit())

// As an app would: SDKs flush on the same signal, and need some time for it.
process.once('SIGTERM', () => setTimeout(() => process.exit(), 2000))

function sample() {
  const { user, system } = process.cpuUsage()
  const { lines, bytes, last } = destination
  return { cpuMicros: user + system, rss: process.memoryUsage.rss(), lines, bytes, last }
}
