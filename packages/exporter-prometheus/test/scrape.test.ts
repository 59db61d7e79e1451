import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { countFault, type MetricFamily } from '@hashira/core'
import { httpClientMetrics, httpServerMetrics, startSaturation, useRegistry } from '@hashira/metrics-red'
import * as promClient from 'prom-client'
import { type ParsedFamily, parseExposition } from './exposition-parser'
import { OPENMETRICS, scrape, serve, snapshotOf } from './serve'

const SAMPLED = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 }

function recordRequests(): void {
  httpServerMetrics()
    .duration.handle(['GET', '/users/:id', 200, 'http', undefined, '1.1'])
    .record(0.012, SAMPLED)
  httpServerMetrics().duration.handle(['GET', undefined, 404, 'http', undefined, '1.1']).record(0.001)
  httpServerMetrics().activeRequests.handle(['GET', 'http']).add(1)
  httpClientMetrics().duration.handle(['GET', 'payments.svc', 8080, 500, '500', '1.1']).record(1.2, SAMPLED)
}

function appMetrics(): promClient.Registry {
  const registry = new promClient.Registry()
  const registers = [registry]
  registry.setDefaultLabels({ app: 'shop' })
  const counter = new promClient.Counter({
    name: 'app_jobs_total',
    help: 'Jobs "done"\nor \\ not',
    labelNames: ['kind'],
    registers,
  })
  counter.inc({ kind: 'a"b\\c\nd' }, 2.5)
  counter.inc({ kind: 'plain' })
  new promClient.Counter({ name: 'app_jobs_done', help: 'Jobs', registers }).inc(7)
  const gauge = new promClient.Gauge({ name: 'app_queue', help: 'Queue', labelNames: ['n'], registers })
  for (const value of [Number.POSITIVE_INFINITY, -1.5, 0]) gauge.set({ n: value }, value)
  const histogram = new promClient.Histogram({
    name: 'app_took_seconds',
    help: 'Took',
    labelNames: ['route'],
    registers,
  })
  for (const value of [0.001, 0.3, 2, 60]) histogram.observe({ route: '/a' }, value)
  const summary = new promClient.Summary({
    name: 'app_size_bytes',
    help: 'Size',
    percentiles: [0.5, 0.99],
    registers,
  })
  for (let i = 1; i <= 100; i++) summary.observe(i)
  return registry
}

/** Whatever the order of labels and families, and whether `1` is written `1.0`. */
function comparable(families: readonly ParsedFamily[]): string[] {
  const lines = families.flatMap(({ name, type, samples }) => [
    `${name} ${type}`,
    ...samples.map((sample) => {
      const labels = Object.entries(sample.labels)
        .sort()
        .map(([label, value]) => {
          const isNumber = label === 'le' || label === 'quantile'
          return `${label}=${isNumber ? Number(value.replace('+Inf', 'Infinity')) : value}`
        })
      return `${sample.name} ${JSON.stringify(labels)} ${sample.value}`
    }),
  ])
  return lines.sort()
}

test('the app’s own metrics come out as prom-client itself writes them', async (t) => {
  const registry = appMetrics()
  t.after(useRegistry(registry))
  const url = await serve(t)
  const isApps = ({ name }: ParsedFamily) => name.startsWith('app_')
  const theirs = parseExposition((await registry.metrics()).replace(/\n{2,}/g, '\n'), 'text').filter(isApps)
  const ours = parseExposition((await scrape(url)).text, 'text').filter(isApps)
  assert.ok(theirs.length === 5)
  assert.deepEqual(comparable(ours), comparable(theirs))
  const openMetrics = parseExposition((await scrape(url, OPENMETRICS)).text, 'openmetrics').filter(isApps)
  const samples = (families: ParsedFamily[]) => comparable(families).filter((line) => line.includes('['))
  assert.deepEqual(samples(openMetrics), samples(theirs))
  assert.equal(openMetrics.find(({ name }) => name === 'app_jobs_done')?.type, 'unknown')
  assert.equal(openMetrics.find(({ name }) => name === 'app_jobs')?.type, 'counter')
})

test('a failing collector never fails the scrape: the rest is served, the failure counted', async (t) => {
  const registry = appMetrics()
  t.after(useRegistry(registry))
  const broken = (name: string, collect: () => void | Promise<void>) =>
    new promClient.Gauge({ name, help: name, registers: [registry], collect })
  broken('app_throws', () => {
    throw new Error('no')
  })
  broken('app_rejects', () => Promise.reject(new Error('no')))
  const { response, text } = await scrape(await serve(t))
  assert.equal(response.status, 200)
  assert.match(text, /^app_jobs_done\{app="shop"\} 7$/m)
  assert.match(text, /^hashira_metrics_collect_failures_total\{name="app_throws"\} 1$/m)
  assert.match(text, /^hashira_metrics_collect_failures_total\{name="app_rejects"\} 1$/m)
  await assert.rejects(registry.metrics())
})

test('scrapers that ask for different formats at once each get one whole format', async (t) => {
  t.after(useRegistry(appMetrics()))
  recordRequests()
  const url = await serve(t)
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => scrape(url, i % 2 === 0 ? 'text/plain' : OPENMETRICS)),
  )
  for (const [i, { text, type }] of answers.entries()) {
    assert.match(type ?? '', i % 2 === 0 ? /^text\/plain/ : /^application\/openmetrics-text/)
    parseExposition(text, i % 2 === 0 ? 'text' : 'openmetrics')
  }
})

test('our metrics have the promised names, and exemplars when the scrape asks for OpenMetrics', async (t) => {
  recordRequests()
  const url = await serve(t)
  const families = parseExposition((await scrape(url, OPENMETRICS)).text, 'openmetrics')
  const family = (name: string) => families.find((candidate) => candidate.name === name)
  const server = family('http_server_request_duration_seconds')
  assert.equal(server?.type, 'histogram')
  assert.equal(server?.unit, 'seconds')
  assert.equal(family('http_client_request_duration_seconds')?.type, 'histogram')
  assert.equal(family('http_server_active_requests')?.type, 'gauge')
  const bucket = server?.samples.find(({ labels }) => labels['le'] === '0.025')
  assert.deepEqual({ ...bucket?.exemplar?.labels }, { trace_id: SAMPLED.traceId, span_id: SAMPLED.spanId })
  const unmatched = server?.samples.find(({ labels }) => labels['http_response_status_code'] === '404')
  assert.ok(unmatched !== undefined && !('http_route' in unmatched.labels))
})

const promtool = spawnSync('promtool', ['--version']).error === undefined
test('promtool reads and lints it clean', { skip: !promtool && 'promtool is not installed' }, async (t) => {
  recordRequests()
  countFault('test')
  t.after(startSaturation())
  const { text } = await scrape(await serve(t))
  assert.match(text, /process_unix_file_descriptor_count|process_uptime_seconds/)
  const { status, stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  })
  assert.equal(`${stdout}${stderr}`, '')
  assert.equal(status, 0)
})

test('a large scrape gives way to the app’s own work', async (t) => {
  const points = Array.from({ length: 20_000 }, (_, i) => ({
    attributes: ['http.route', `/route/${i}`, 'http.request.method', 'GET'],
    startTimeUnixMs: 0,
    count: 15,
    sum: 1,
    bounds: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    bucketCounts: new Array(15).fill(1),
  }))
  const family: MetricFamily = {
    name: 'big',
    naming: 'opentelemetry',
    description: 'x',
    unit: 's',
    type: 'histogram',
    points,
  }
  const url = await serve(t, snapshotOf([family]))
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const { text } = await scrape(url)
  clearInterval(timer)
  assert.ok(turns >= 5, `${turns} turns of the event loop`)
  assert.equal(text.split('\n').length - 1, 3 + 2 + 20_000 * 17)
})
