// An app that makes spans as SCENARIO says and ends as it says; tells its account on stdout when it can.
import { writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { setTimeout as delay } from 'node:timers/promises'
import { createLogger } from '@hashira/logs'
import { registry } from '@hashira/metrics-red'
import { tracer } from '@hashira/tracing'
import { start } from 'hashira'

const scenario = JSON.parse(process.env.SCENARIO)
const hashira = start({ exporters: ['otlp'], ...scenario.options })
const say = (what, value) => writeSync(1, `${what} ${JSON.stringify(value)}\n`)

if (scenario.signalExit) {
  const require = createRequire(new URL('../../packages/sdk/package.json', import.meta.url))
  const loaded = require(`signal-exit${scenario.signalExit}`)
  const onExit = loaded.onExit ?? loaded
  onExit((code, signal) => say('SIGNAL_EXIT', { code, signal }))
}

process.on('exit', () => say('ACCOUNT', hashira.status()))

const attributes = scenario.spanBytes === undefined ? {} : { text: 'x'.repeat(scenario.spanBytes) }
for (let i = 0; i < (scenario.burst ?? 0); i++) tracer.startSpan(`burst ${i}`, { attributes }).end()

if (scenario.steady) {
  const { perSecond, seconds } = scenario.steady
  const until = Date.now() + seconds * 1_000
  for (let made = 0, began = Date.now(); Date.now() < until; await delay(20)) {
    for (const due = ((Date.now() - began) / 1_000) * perSecond; made < due; made++)
      tracer.startSpan(`steady ${made}`).end()
  }
}

const logger = createLogger({}, { write() {} })
for (let i = 0; i < (scenario.lines ?? 0); i++) logger.info(`line ${i}`)

say('MADE', hashira.status().spans)

const traces = () => hashira.status().exporters.find(({ signal }) => signal === 'traces')
/** Until the account of traces is as the scenario says: `{ "retries": 1 }` means at least 1. */
for (const [name, least] of Object.entries(scenario.until ?? {}))
  while (!(traces()[name] >= least)) await delay(5)
/** Until everything that waits is on disk. */
if (scenario.spooled) {
  while (traces().spoolBytes === 0 || traces().spoolBytes < traces().queueBytes) await delay(5)
  say('SPOOLED', traces())
}

if (scenario.metrics) say('METRICS', await registry.metrics())

const ends = {
  natural() {},
  async shutdown() {
    say('FINAL', await hashira.shutdown({ timeoutMs: scenario.timeoutMs }))
  },
  exit() {
    process.exit(0)
  },
  throw() {
    setTimeout(() => {
      throw new Error('the app has a fault')
    })
  },
  reject() {
    setTimeout(() => Promise.reject(new Error('nobody handles this')))
  },
  signal() {
    setInterval(() => {}, 1_000)
  },
  handledSignal() {
    const alive = setInterval(() => {}, 1_000)
    process.once('SIGTERM', () => {
      tracer.startSpan('during the shutdown of the app').end()
      setTimeout(() => clearInterval(alive), 300)
    })
  },
}
await ends[scenario.end]()
