// A service with everything on that puts something on its /metrics page. Says its addresses on stdout.

import { annotate } from '@hashira/core'
import { observe } from '@hashira/express'
import { tracer } from '@hashira/tracing'
import { metrics } from '@opentelemetry/api'
import express from 'express'
import { start } from 'hashira'
import prom from 'prom-client'

const { REGISTERED } = process.env
if (!REGISTERED) {
  const exponential = { aggregation: 'base2_exponential_bucket_histogram' }
  start({
    exporters: ['prometheus', 'otlp'],
    tail: true,
    views: [
      { instrumentName: 'work.duration', ...exponential },
      { instrumentName: 'http.client.request.duration', ...exponential },
      { instrumentName: 'orders', name: 'orders.placed', description: 'Orders that were placed' },
    ],
  })
}

prom.collectDefaultMetrics()
new prom.Counter({ name: 'app_jobs_total', help: 'Two lines,\na "quote" and a \\' }).inc()
new prom.Histogram({ name: 'app_job_seconds', help: 'Jobs', labelNames: ['job'] }).observe(
  { job: 'a"\\\n' },
  1,
)
new prom.Summary({ name: 'app_job_size_bytes', help: 'Sizes' }).observe(1)

const meter = metrics.getMeter('shop', '1.2.0', { schemaUrl: 'https://shop.example/1' })
const other = metrics.getMeter('other')
const described = (unit) => ({ unit, description: 'What it measures' })
const orders = meter.createCounter('orders', described('{order}'))
const sameName = other.createCounter('orders', described('{order}'))
const work = meter.createHistogram('work.duration', described('s'))
const waits = meter.createHistogram('wait.duration', described('s'))
const queued = meter.createUpDownCounter('queue.size', described('{job}'))
const load = meter.createGauge('load', described('1'))
meter.createObservableGauge('room.temperature', described('Cel')).addCallback((result) => result.observe(20))
meter.createObservableCounter('disk.read', described('By')).addCallback((result) => result.observe(5))
meter.createObservableUpDownCounter('balance', described('')).addCallback((result) => result.observe(-5))

const app = express()
app.use(
  observe({
    labels: { tenant: () => 'a "tenant"' },
    onRequest() {
      throw new Error('a hook that throws is counted')
    },
  }),
)
app.get('/orders/:id', async (_request, response) => {
  annotate({ 'tenant.id': 7 })
  orders.add(1, { kind: 'a' })
  sameName.add(1)
  for (const seconds of [0, 0.003, 0.3, 30]) work.record(seconds)
  waits.record(0.2)
  queued.add(-1)
  load.record(Number.POSITIVE_INFINITY)
  lose()
  await (await fetch(`${address()}/nothing`)).arrayBuffer()
  response.json({})
})
app.get('/failing', () => {
  throw new Error('boom')
})
app.use((_error, _request, response, _next) => response.status(500).end())

// A pool that was made before the request: what it calls has lost the request, which is counted.
let lose = () => {}
const pool = new Promise((resolve) => {
  lose = resolve
})
pool.then(() => tracer.startSpan('orphan').end())

const server = app.listen(0, '127.0.0.1', () => console.log(`LISTENING ${JSON.stringify(address())}`))
function address() {
  return `http://127.0.0.1:${server.address().port}`
}
