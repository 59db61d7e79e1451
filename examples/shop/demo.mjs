// `npm run demo`: starts the shop, drives a few hundred requests through it, and prints what was seen.
// `npm run demo -- --once` ends after that.
import { parseArgs } from 'node:util'
import { freePort } from './free-port.mjs'
import { driveLoad } from './load.mjs'
import { printReport } from './report.mjs'
import { Service } from './service.mjs'
import { TraceCollector } from './trace-collector.mjs'

const HELP = `usage: npm run demo -- [--once] [--requests N]

  --once        end after the report (for CI); without it the shop goes on until Ctrl-C
  --requests N  how many requests to drive, default 300

  DATABASE_URL  a PostgreSQL of your own; default: an embedded one
`

const { values: options } = parseArgs({
  options: {
    once: { type: 'boolean' },
    requests: { type: 'string', default: '300' },
    help: { type: 'boolean' },
  },
})
if (options.help) {
  console.log(HELP)
  process.exit(0)
}

const JAEGER_OTLP = process.env.JAEGER_OTLP_ENDPOINT ?? 'http://localhost:4318'
const running = []
let lastStep = ''

try {
  await demo()
} catch (error) {
  console.error(`\n${error.stack}`)
  process.exitCode = 1
} finally {
  for (const service of running.reverse()) await service.stop()
}

async function demo() {
  progress('starting the database')
  const databaseUrl = process.env.DATABASE_URL ?? (await startDatabase())
  const collector = new TraceCollector()
  const telemetry = await telemetryTo(await collector.listen())
  progress('starting payments and storefront')
  const payments = await startService('payments', 9465, { ...telemetry, DATABASE_URL: databaseUrl })
  const storefront = await startService('storefront', 9464, { ...telemetry, PAYMENTS_URL: payments.url })
  const services = [storefront, payments]

  const started = performance.now()
  await driveLoad(storefront.url, Number(options.requests), (done, total) =>
    progress('driving requests', ` ${done}/${total}`),
  )
  const seconds = (performance.now() - started) / 1_000
  progress('waiting for the last spans')
  await collected(collector)
  progress('')
  await printReport({ collector, services, seconds })
  printNextSteps(services, telemetry)
  if (!options.once) await interrupted()
}

async function startDatabase() {
  const port = await freePort()
  await start('database.mjs', { PORT: String(port) })
  return `postgres://postgres:postgres@127.0.0.1:${port}/postgres`
}

async function startService(name, wantedMetricsPort, env) {
  // With --once there is nobody to come back to well-known ports.
  const [port, metricsPort] = [await freePort(), await freePort(options.once ? 0 : wantedMetricsPort)]
  const service = await start(`${name}.mjs`, {
    ...env,
    OTEL_SERVICE_NAME: name,
    PORT: String(port),
    HASHIRA_PROMETHEUS_PORT: String(metricsPort),
  })
  return {
    name,
    service,
    url: `http://127.0.0.1:${port}`,
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
  }
}

async function start(file, env) {
  const service = new Service(file, env)
  running.push(service)
  await service.ready()
  return service
}

/** Traces go to the demo's own collector, and to Jaeger as well when one answers. */
async function telemetryTo(collectorUrl) {
  const jaeger = await answers(JAEGER_OTLP)
  return {
    OTEL_TRACES_EXPORTER: jaeger ? 'otlp,jaeger' : 'otlp',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collectorUrl}/v1/traces`,
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '500',
    ...(jaeger && { HASHIRA_JAEGER_ENDPOINT: JAEGER_OTLP }),
  }
}

async function answers(url) {
  try {
    await fetch(`${url}/v1/traces`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(2_000),
    })
    return true
  } catch {
    return false
  }
}

/** Until no span has come for longer than a batch waits. */
async function collected(collector) {
  for (let before = -1; before !== collector.spans.length; ) {
    before = collector.spans.length
    await new Promise((resolve) => setTimeout(resolve, 1_200))
  }
}

function printNextSteps(services, telemetry) {
  console.log('\nLook further:')
  for (const { name, metricsUrl } of services) console.log(`  metrics of ${name.padEnd(11)} ${metricsUrl}`)
  if (telemetry.HASHIRA_JAEGER_ENDPOINT !== undefined)
    console.log('  traces in Jaeger       http://localhost:16686')
  else console.log('  traces in Jaeger       start one on localhost:4318 and run this again')
  if (!options.once) console.log('\nThe shop is open. Ctrl-C closes it.')
}

function interrupted() {
  return new Promise((resolve) => process.once('SIGINT', resolve))
}

/** One line that changes on a terminal; elsewhere a line per step, without the counting. */
function progress(step, detail = '') {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${step}${detail}`)
  else if (step !== lastStep && step !== '') process.stderr.write(`${step}\n`)
  lastStep = step
}
