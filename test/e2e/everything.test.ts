import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { freePorts } from '../backends/free-ports.mjs'
import { get as prometheusPrograms } from '../backends/prometheus/backend.mjs'
import { startPrometheus } from '../backends/prometheus/start.mjs'
import { waitFor } from '../backends/wait-for.mjs'
import { ChildApp } from '../support/child-app.ts'

const programs = await prometheusPrograms().catch((error: Error) => error)
const skip = programs instanceof Error ? `no Prometheus: ${programs.message}` : false
const { path: program = '', promtool = '' } = programs instanceof Error ? {} : programs

// What prom-client's own collectDefaultMetrics() is blamed for; nothing else may be.
const PROM_CLIENT = /^nodejs_active_(handles|requests|resources)_total non-counter metrics should not have/

const SERIES = [
  /^app_jobs_total 1$/m,
  /^hashira_faults_total\{reason="on_request"\} \d+$/m,
  /^hashira_spans_orphaned_total [1-9]/m,
  /^orders\w*_total\{kind="a",otel_scope_name="shop",otel_scope_version="1.2.0",/m,
  /^work_duration_seconds_bucket\{.*le="\+Inf"\} 8$/m,
  /^http_client_request_duration_seconds_count\{.*\} 2$/m,
  /^http_server_request_duration_seconds_count\{.*http_route="\/orders\/:id".*tenant="a \\"tenant\\""\} 2$/m,
]

const started = {
  'from its code': {},
  'by hashira/register': {
    REGISTERED: 'true',
    NODE_OPTIONS: '--import hashira/register',
    HASHIRA_TAIL: 'true',
  },
}

describe('/metrics of a service with everything on', { skip }, () => {
  for (const [how, env] of Object.entries(started)) {
    it(`is clean for promtool and the real Prometheus, started ${how}`, { timeout: 120_000 }, async () => {
      const [port] = (await freePorts(1, '127.0.0.1')) as [number]
      const url = `http://127.0.0.1:${port}/metrics`
      const app = new ChildApp('e2e/everything-app.mjs', {
        HASHIRA_PROMETHEUS_HOST: '127.0.0.1',
        HASHIRA_PROMETHEUS_PORT: String(port),
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
        ...env,
      })
      try {
        const origin = await app.said('LISTENING')
        for (const path of ['/orders/1', '/orders/2', '/failing', '/nothing']) {
          await (await fetch(`${origin}${path}`)).arrayBuffer()
        }
        const text = await (await fetch(url)).text()
        assert.deepEqual(await complaints(text), [])
        assertOnePlaceEach(text)
        for (const series of SERIES) assert.match(text, series)
        await assertScraped(url)
      } finally {
        app.kill('SIGTERM')
        await app.ended()
      }
    })
  }
})

/** The real server takes the page, in OpenMetrics. */
async function assertScraped(url: string): Promise<void> {
  const { query, stop } = await startPrometheus({ program, targets: [url] })
  try {
    await waitFor('a scrape', async () => (await query.instant('load_ratio')).length === 1, {
      timeoutMs: 60_000,
    })
    const [target] = await query.targets()
    assert.equal(target.health, 'up', target.lastError)
    const [infinite] = await query.instant('load_ratio')
    assert.equal(infinite.value[1], '+Inf')
  } finally {
    await stop()
  }
}

/** What `promtool check metrics` says, a line each, without what prom-client's own metrics are blamed for. */
async function complaints(text: string): Promise<string[]> {
  const child = execFile(promtool, ['check', 'metrics'])
  let said = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk: string) => (said += chunk))
  child.stdin!.end(text)
  await once(child, 'close')
  return said.split('\n').filter((line) => line !== '' && !PROM_CLIENT.test(line))
}

/** HELP and TYPE once for each family, in the same order, and no series twice. */
function assertOnePlaceEach(text: string): void {
  const lines = text.trimEnd().split('\n')
  const named = (kind: string) =>
    lines.flatMap((line) => (line.startsWith(`# ${kind} `) ? [line.split(' ')[2]!] : []))
  assert.deepEqual(named('HELP'), named('TYPE'))
  assert.deepEqual(repeated(named('TYPE')), [])
  const series = lines.filter((line) => !line.startsWith('#'))
  assert.deepEqual(repeated(series.map((line) => line.slice(0, line.lastIndexOf(' ')))), [])
}

function repeated(names: readonly string[]): string[] {
  return names.filter((name, i) => names.indexOf(name) !== i)
}
