import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { orderOf } from '../lib/statistics.mjs'
import { faults } from './guard.mjs'
import { sendLoad } from './load.mjs'
import { scrapedRequests } from './scrape.mjs'
import { startServer } from './server-process.mjs'
import { variants } from './variants.mjs'

// A little more than the longest default between two exports of spans, OpenTelemetry's 5 s.
const settleMs = 5500

/**
 * Runs all variants of one framework side by side. Resolves to one result per variant, in the order of `names`, without those
 * that could not be started: they are told to `leaveOut`.
 */
export async function measureFramework({
  framework,
  names,
  options,
  node,
  hashiraFolder,
  sink,
  progress,
  leaveOut,
}) {
  const runs = []
  try {
    for (const name of names) {
      const run = await startRun({ framework, name, node, hashiraFolder, sink }, options).catch((error) => {
        leaveOut(name, error)
      })
      if (run) runs.push(run)
    }
    for (let round = 0; round < options.rounds; round++) {
      for (const run of orderOf(runs, round)) {
        run.rounds.push(await measureRound(run, options))
        progress(`${framework} round ${round + 1}: ${run.name} ${run.rounds[round].toFixed(1)} µs`)
      }
    }
    return await Promise.all(runs.map((run) => finish(run, sink)))
  } finally {
    await Promise.all(runs.map(({ server }) => server.stop()))
  }
}

/** A server that has answered its warm-up. */
async function startRun({ framework, name, node, hashiraFolder, sink }, options) {
  const label = `${framework} ${name}`
  const ports = { sinkUrl: await sink.open(label), prometheusPort: await freePort() }
  const variant = variants[name]
  const server = await startServer({ node, framework, variant, hashiraFolder, ports })
  const exported = () => sink.counts(label)
  const { prometheusPort } = ports
  const run = { name, label, variant, server, exported, prometheusPort, sent: 0, rounds: [] }
  try {
    // What a service that has run for some time has behind it, see README.md; left to chance, some variants would and some not.
    await server.collect()
    await load(run, options.warmUp, options)
    await server.collect()
    // A collection takes compiled code along; it comes back within a few thousand requests.
    await load(run, options.warmUp, options)
    return run
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** CPU microseconds per request, the export of its spans included. */
async function measureRound(run, options) {
  const before = await run.server.sample()
  await load(run, options.requests, options)
  const after = await run.server.sample()
  return (after.cpuMicros - before.cpuMicros) / options.requests
}

/** Sends the requests, then waits until their spans have arrived or are not to be expected any more. */
async function load(run, requests, { connections }) {
  await sendLoad({ port: run.server.port, requests, connections })
  run.sent += requests
  const deadline = performance.now() + settleMs
  while (run.variant.spans && performance.now() < deadline) {
    if ((await run.exported()).roots >= run.sent) return
    await sleep(50)
  }
}

async function finish(run, sink) {
  const { rss, lines, last, bytes } = await run.server.sample()
  const scraped = run.variant.metrics === 'prometheus' ? await scrapedRequests(run.prometheusPort) : undefined
  await run.server.stop()
  const exported = await sink.counts(run.label)
  const { name, variant, sent: requests, rounds, server } = run
  return {
    name,
    rounds,
    rssMb: rss / 1e6,
    startMs: server.startMs,
    startCpuMs: server.startCpuMs,
    logBytesPerLine: lines ? bytes / lines : 0,
    requests,
    exported,
    faults: faults(variant, { requests, lines, last, exported, scraped }),
    stderr: server.stderr,
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}
