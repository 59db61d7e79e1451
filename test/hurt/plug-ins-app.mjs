// An app whose exporters, sampler, hooks and collectors all fail; asks itself REQUESTS times and tells how that went.
import { writeSync } from 'node:fs'
import { addMetricSource } from '@hashira/core'
import { prometheus } from '@hashira/exporter-prometheus'
import { observe } from '@hashira/express'
import { tracer } from '@hashira/tracing'
import express from 'express'
import { start } from 'hashira'
import client from 'prom-client'
import { counting, misbehaving } from './bad-exporters.mjs'

const { requests, sampler: badSampler, callbacks, exit } = JSON.parse(process.env.SCENARIO)
const say = (what, value) => writeSync(1, `${what} ${JSON.stringify(value)}\n`)
const fail = (what) => {
  throw new Error(`${what} fails`)
}
const failing = (what) => (callbacks === 'reject' ? async () => fail(what) : () => fail(what))
const astray = []
process.on('unhandledRejection', (error) => astray.push(String(error)))
process.on('uncaughtException', (error) => astray.push(String(error)))

const samplers = {
  throws: { shouldSample: () => fail('sampler') },
  nothing: { shouldSample() {} },
  rejects: { shouldSample: async () => fail('sampler') },
}
const hooks = { throws: () => fail('onSpanEnd'), rejects: async () => fail('onSpanEnd') }
const good = counting()
const hashira = start({
  exporters: [
    prometheus({ port: 0, host: '127.0.0.1' }),
    good,
    ...Object.entries(misbehaving).map(([name, exporter]) => ({ ...exporter, name })),
  ],
  sampler: samplers[badSampler],
  onSpanEnd: hooks[badSampler],
})

for (const [name, collect] of Object.entries({
  throwing: () => fail('collect'),
  rejecting: async () => fail('collect'),
}))
  new client.Gauge({ name: `app_${name}`, help: name, collect })
addMetricSource({ name: 'throwing', collect: () => fail('collect') })
addMetricSource({ name: 'rejecting', collect: async () => fail('collect') })
addMetricSource({ name: 'nothing', collect() {} })
new client.Counter({ name: 'app_jobs_total', help: 'jobs' }).inc(7)

const app = express()
app.use(
  observe({
    onRequest: failing('onRequest'),
    onResponse: failing('onResponse'),
    isError: failing('isError'),
    ignore: [failing('ignore')],
    labels: { tenant: failing('label') },
  }),
)
app.get('/items/:id', (request, response) => {
  tracer.span('work', () => {})
  response.send(request.params.id)
})
const server = app.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${server.address().port}`
  let answered = 0
  for (let i = 0; i < requests; i++) {
    const response = await fetch(`${url}/items/${i}`)
    if (response.status === 200 && (await response.text()) === String(i)) answered++
  }
  while (hashira.status().metricsUrls.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  const scrape = await fetch(hashira.status().metricsUrls[0])
  say('SCRAPE', { status: scrape.status, text: await scrape.text() })
  say('ANSWERED', answered)
  say('RUNNING', hashira.status())
  if (exit === 'exit') process.exit(0)
  say('FINAL', await hashira.shutdown({ timeoutMs: 500 }))
  say('COUNTED', good.items)
  server.close()
  server.closeAllConnections()
})
process.on('exit', () => {
  say('ENDED', hashira.status())
  say('ASTRAY', astray)
})
