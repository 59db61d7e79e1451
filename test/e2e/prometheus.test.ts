import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { get as prometheusPrograms } from '../backends/prometheus/backend.mjs'
import { startPrometheus } from '../backends/prometheus/start.mjs'
import { waitFor } from '../backends/wait-for.mjs'
import { Demo } from '../support/demo.ts'

const programs = await prometheusPrograms().catch((error: Error) => error)
const skip = programs instanceof Error ? `no Prometheus: ${programs.message}` : false
const { path: program = '', promtool = '' } = programs instanceof Error ? {} : programs

interface Sample {
  readonly metric: Record<string, string>
  readonly value: [unixSeconds: number, text: string]
}

interface PrometheusQuery {
  instant(promql: string): Promise<Sample[]>
  exemplars(promql: string): Promise<{ exemplars: { labels: Record<string, string> }[] }[]>
  targets(): Promise<{ health: string; lastError: string }[]>
}

describe('the demo, scraped by the real Prometheus', { skip }, () => {
  it('answers PromQL about RED, links exemplars, and is clean for promtool', {
    timeout: 120_000,
  }, async () => {
    const demo = new Demo(['--requests', '120'], { JAEGER_OTLP_ENDPOINT: 'http://127.0.0.1:1' })
    await demo.open()
    const server = await startPrometheus({ program, targets: demo.metricsUrls })
    const query: PrometheusQuery = server.query
    try {
      const count =
        'sum by (http_route, http_response_status_code) (http_server_request_duration_seconds_count)'
      const rows: Sample[] = await waitFor('both targets', async () => {
        const found = await query.instant(count)
        return found.some(({ metric }) => metric['http_route'] === '/payments') &&
          found.some(({ metric }) => metric['http_route'] === '/checkout/:cart')
          ? found
          : undefined
      })
      const atStorefront = rows.filter(({ metric }) => metric['http_route'] !== '/payments')
      assert.equal(
        atStorefront.reduce((sum, { value }) => sum + Number(value[1]), 0),
        120,
      )

      const [p99] = await query.instant(
        'histogram_quantile(0.99, sum by (le) (http_server_request_duration_seconds_bucket{http_route="/checkout/:cart"}))',
      )
      assert.ok(Number(p99!.value[1]) > 0.2, 'the slow cards are in the histogram')
      const errors = await query.instant(
        'http_server_request_duration_seconds_count{http_response_status_code="500",error_type!=""}',
      )
      assert.ok(errors.length > 0)

      const exemplars = await query.exemplars('http_server_request_duration_seconds_bucket')
      const traceIds = exemplars.flatMap((series) => series.exemplars.map(({ labels }) => labels['trace_id']))
      assert.ok(traceIds.length > 0)
      for (const traceId of traceIds) assert.match(traceId!, /^[0-9a-f]{32}$/)

      for (const { health, lastError } of await query.targets()) assert.equal(health, 'up', lastError)
      for (const url of demo.metricsUrls) await lint(await (await fetch(url)).text())
    } finally {
      await server.stop()
      await demo.close()
    }
  })
})

/** `promtool check metrics`: exit 0 and no complaint. */
async function lint(text: string): Promise<void> {
  const child = execFile(promtool, ['check', 'metrics'])
  let said = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk: string) => (said += chunk))
  child.stdin!.end(text)
  const [code] = await once(child, 'close')
  assert.equal(said, '')
  assert.equal(code, 0)
}
