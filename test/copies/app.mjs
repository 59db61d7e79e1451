// One app of both formats: Express by require, the signals by import. Says what it saw on stdout as `WORD json` lines.
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { activeContext } from '@hashira/core'
import { createLogger } from '@hashira/logs'
import { tracer } from '@hashira/tracing'
import { trace } from '@opentelemetry/api'
import { start } from 'hashira'

const require = createRequire(new URL('../../packages/express/package.json', import.meta.url))
const { observe } = require('@hashira/express')
const express = require('express')
const say = (word, value) => writeSync(1, `${word} ${JSON.stringify(value)}\n`)

const required = Object.fromEntries(
  ['hashira', '@hashira/core', '@hashira/tracing', '@hashira/logs'].map((id) => [id, require(id)]),
)
say('SAME', {
  start: required['hashira'].start === start,
  tracer: required['@hashira/tracing'].tracer === tracer,
  createLogger: required['@hashira/logs'].createLogger === createLogger,
  activeContext: required['@hashira/core'].activeContext === activeContext,
})

const hashira = start({ exporters: ['otlp', 'prometheus'], quiet: true })
const lines = []
const destination = { write: (line) => lines.push(JSON.parse(line)) }
const logger = createLogger({}, destination)
const requiredLogger = required['@hashira/logs'].createLogger({}, destination)
const { Counter } = require('prom-client')
new Counter({ name: 'app_things_total', help: 'Things' }).inc()

const app = express()
app.use(observe())
app.get('/users/:id', async (_request, response) => {
  await tracer.span('imported', async () => {
    logger.info('imported')
    required['@hashira/tracing'].tracer.span('required', () => requiredLogger.info('required'))
  })
  trace.getActiveSpan().setAttribute('seen', true)
  response.end()
})
const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
await (await fetch(`http://127.0.0.1:${server.address().port}/users/7`)).text()

// What the required copy says of the same process.
const { ensureStarted } = required['hashira']
ensureStarted()
const [metricsUrl] = hashira.status().metricsUrls
say('METRICS', await (await fetch(metricsUrl)).text())
say('LINES', lines)
server.close()
server.closeAllConnections()
say('FINAL', await hashira.shutdown({ timeoutMs: 2_000 }))
