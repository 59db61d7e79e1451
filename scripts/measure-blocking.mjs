// How long delivery keeps the event loop from others: the longest three turns while it works, in ms, of the best of five runs.
// `npm run build && node scripts/measure-blocking.mjs`. Node 24 and newer tell the CPU time of this thread alone; on older ones
// it is wall time, which a busy machine spoils.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const require = createRequire(join(import.meta.dirname, '..', 'packages', 'sdk', 'package.json'))
const { AttributeList } = require('@hashira/core')
const { createMetricPipeline, createPipeline } = require('@hashira/delivery')
const { otlp } = createRequire(join(import.meta.dirname, '..', 'packages', 'exporter-otlp', 'package.json'))(
  '@hashira/exporter-otlp',
)

const server = createServer((request, response) => request.resume().on('end', () => response.end()))
await once(server.listen(0, '127.0.0.1'), 'listening')
const endpoint = `http://127.0.0.1:${server.address().port}`
const folder = mkdtempSync(join(tmpdir(), 'hashira-measure-'))
const resource = { attributes: new AttributeList() }

const nowMs = () => {
  if (process.threadCpuUsage === undefined) return performance.now()
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

/** Turns while `work` runs, the longest first. */
async function gapsDuring(work) {
  const gaps = []
  let last = nowMs()
  let done = false
  const turn = () => {
    const now = nowMs()
    gaps.push(now - last)
    last = now
    if (!done) setImmediate(turn)
  }
  setImmediate(turn)
  await work()
  done = true
  return gaps.sort((a, b) => b - a)
}

async function measure(name, work) {
  const runs = []
  for (let i = 0; i < 5; i++) runs.push(await gapsDuring(work))
  const best = runs.sort((a, b) => a[0] - b[0])[0]
  const shown = best.slice(0, 3).map((gap) => gap.toFixed(1))
  console.log(`${name.padEnd(58)} ${shown.join('  ')}`)
}

function spanRecord(text) {
  const attributes = new AttributeList()
  attributes.set('http.request.method', 'GET')
  attributes.set('http.route', '/users/:id')
  attributes.set('text', text)
  const scope = { name: 'measure', version: '1', schemaUrl: undefined }
  return {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    parentSpanId: '',
    traceState: '',
    traceFlags: 1,
    parentIsRemote: false,
    name: 'GET /users/:id',
    kind: 1,
    startSeconds: 1_700_000_000,
    startNanos: 1,
    endSeconds: 1_700_000_000,
    endNanos: 2_000_000,
    attributes,
    events: [],
    links: [],
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    statusCode: 0,
    statusMessage: undefined,
    scope,
    resource,
  }
}

async function spans(name, count, text, options, outcome = 'delivered') {
  await measure(name, async () => {
    const { traces } = otlp({ endpoint, ...options })
    const encoder = traces.createEncoder(resource)
    const pipeline = createPipeline({
      exporter: 'otlp',
      signal: 'traces',
      encoder,
      transport: traces.transport,
      spool: outcome === 'spooled' ? { dir: mkdtempSync(join(folder, 'spool-')) } : undefined,
    })
    const record = spanRecord(text)
    for (let i = 0; i < count; i++) {
      pipeline.append(record)
      // In turns of 2,000: what is measured is delivery, not the loop that makes them.
      if (i % (count > 10_000 ? 100 : 1) === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await pipeline.shutdown(Date.now() + (outcome === 'spooled' ? 100 : 60_000))
    const items = pipeline.account()[outcome]
    if (items !== count) throw new Error(`only ${items} of ${count} ${outcome}`)
  })
}

function snapshot() {
  const bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
  const families = Array.from({ length: 50 }, (_, family) => {
    const isHistogram = family % 2 === 0
    const points = Array.from({ length: 2_000 }, (_, series) => ({
      attributes: [
        'http.request.method',
        'GET',
        'http.route',
        `/route/${series}`,
        'http.response.status_code',
        200,
      ],
      startTimeUnixMs: 1_700_000_000_000,
      ...(isHistogram
        ? { count: 15, sum: 1.5, bounds, bucketCounts: new Float64Array(15).fill(1) }
        : { value: series + 1 }),
    }))
    const type = isHistogram ? 'histogram' : 'counter'
    return { name: `family.${family}`, naming: 'opentelemetry', description: 'd', unit: 's', type, points }
  })
  return { families, failures: [], timeUnixMs: Date.now() }
}

async function metrics(name, options) {
  const read = snapshot()
  await measure(name, async () => {
    const push = otlp({ endpoint, ...options }).metrics
    const pipeline = createMetricPipeline({ exporter: 'otlp', push, resource, collect: async () => read })
    await pipeline.shutdown(Date.now() + 60_000)
    const { delivered } = pipeline.account()
    if (delivered !== 100_000) throw new Error(`only ${delivered} points`)
  })
}

console.log(`${'Node'.padEnd(58)} ${process.version}`)
for (const protocol of ['http/protobuf', 'http/json']) {
  await spans(`100,000 spans, ${protocol}`, 100_000, 'x'.repeat(50), { protocol })
  await spans(`100,000 spans, ${protocol}, gzip`, 100_000, 'x'.repeat(50), { protocol, compression: 'gzip' })
  await spans(`300 spans of 64 KiB, ${protocol}`, 300, 'x'.repeat(65_536), { protocol })
  await metrics(`50 families x 2,000 series, ${protocol}`, { protocol })
  await metrics(`the same as deltas, ${protocol}`, { protocol, temporality: 'delta' })
}
const nowhere = 'http://127.0.0.1:1'
await spans('100,000 spans into the spool', 100_000, 'x'.repeat(50), { endpoint: nowhere }, 'spooled')
await spans('300 spans of 64 KiB into the spool', 300, 'x'.repeat(65_536), { endpoint: nowhere }, 'spooled')
rmSync(folder, { recursive: true })
server.close()
server.closeAllConnections()
