import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HistogramFamily, NumberFamily, SummaryFamily } from '@hashira/core'
import { registrySource } from '@hashira/metrics-red'
import * as promClient from 'prom-client'
import * as promClient14 from 'prom-client14'
import { IsolatedReader } from '../dist/isolated-reader.js'

for (const [version, client] of [
  ['15', promClient],
  ['14', promClient14 as unknown as typeof promClient],
] as const) {
  test(`prom-client ${version}: every type is read as it is`, async () => {
    const own = new client.Registry() as promClient.Registry
    const registers = [own]
    own.setDefaultLabels({ app: 'shop', kind: 'default' })
    new client.Counter({ name: 'jobs_done', help: 'Jobs', labelNames: ['kind'], registers }).inc(
      { kind: 'mail' },
      2,
    )
    new client.Gauge({ name: 'queue', help: 'Queue', registers }).set(-3)
    const histogram = new client.Histogram({
      name: 'took',
      help: 'Took',
      buckets: [0.1, 1],
      labelNames: ['kind'],
      registers,
    })
    for (const value of [0.05, 0.5, 0.6, 5]) histogram.observe({ kind: 'a' }, value)
    histogram.observe({ kind: 'b' }, 1)
    new client.Summary({ name: 'size', help: 'Size', percentiles: [0.5], registers }).observe(4)
    const { families, failures } = await registrySource(own).collect()
    const [counter, gauge, took, size] = families as [
      NumberFamily,
      NumberFamily,
      HistogramFamily,
      SummaryFamily,
    ]
    assert.deepEqual(failures, [])
    assert.deepEqual([counter.name, counter.naming, counter.type], ['jobs_done', 'prometheus', 'counter'])
    assert.deepEqual(counter.points[0]?.attributes, ['kind', 'mail', 'app', 'shop'])
    assert.equal(counter.points[0]?.value, 2)
    assert.equal(gauge.points[0]?.value, -3)
    assert.deepEqual(gauge.points[0]?.attributes, ['app', 'shop', 'kind', 'default'])
    assert.equal(took.points.length, 2)
    assert.deepEqual(took.points[0]?.bounds, [0.1, 1])
    assert.deepEqual(took.points[0]?.bucketCounts, [1, 2, 1])
    assert.equal(took.points[0]?.count, 4)
    assert.deepEqual(took.points[0]?.attributes, ['kind', 'a', 'app', 'shop'])
    assert.deepEqual(took.points[1]?.bucketCounts, [0, 1, 0])
    assert.deepEqual(size.points[0]?.quantiles, [{ quantile: 0.5, value: 4 }])
    assert.deepEqual([size.points[0]?.count, size.points[0]?.sum], [1, 4])
  })
}

test('a collector that throws, rejects or hangs fails alone', async () => {
  const own = new promClient.Registry()
  const registers = [own]
  const gauge = (name: string, collect: () => void | Promise<void>) =>
    new promClient.Gauge({ name, help: name, registers, collect })
  gauge('throws', () => {
    throw new Error('no')
  })
  gauge('rejects', () => Promise.reject(new Error('no')))
  gauge('good', function (this: promClient.Gauge) {
    this.set(1)
  } as () => void)
  const { families, failures } = await registrySource(own).collect()
  assert.deepEqual(
    families.map(({ name }) => name),
    ['good'],
  )
  assert.deepEqual(
    failures?.map(({ name }) => name),
    ['throws', 'rejects'],
  )
})

test('a read that hangs costs its time limit once, until it ends', async (t) => {
  // The reader's own timer keeps nothing alive.
  const alive = setInterval(() => {}, 1_000)
  t.after(() => clearInterval(alive))
  let release = () => {}
  const hanging = {
    name: 'hangs',
    read: () => new Promise<number>((resolve) => (release = () => resolve(1))),
  }
  const good = { name: 'good', read: () => 2 }
  const reader = new IsolatedReader<typeof hanging | typeof good, number>(30)
  const readAll = () =>
    reader.readAll(
      [hanging, good],
      (key) => key.name,
      (key) => key.read(),
    )
  const first = await readAll()
  assert.deepEqual(first.values, [2])
  assert.match(String(first.failures[0]?.error), /not read within 30 ms/)
  const second = await readAll()
  assert.deepEqual(second.values, [2])
  assert.match(String(second.failures[0]?.error), /the read before this one has not ended/)
  release()
  await new Promise((resolve) => setImmediate(resolve))
  const third = readAll()
  release()
  assert.deepEqual((await third).values, [1, 2])
})

test('exemplars of prom-client are kept, and metrics() in OpenMetrics does not cost a counter its name', async () => {
  const own = new promClient.Registry()
  own.setContentType(promClient.Registry.OPENMETRICS_CONTENT_TYPE as never)
  const registers = [own]
  const histogram = new promClient.Histogram({
    name: 'took',
    help: 'x',
    buckets: [1],
    registers,
    enableExemplars: true,
  })
  histogram.observe({ value: 0.5, exemplarLabels: { trace_id: 'abc', user: 'eve' } } as never)
  new promClient.Counter({ name: 'jobs_total', help: 'x', registers }).inc()
  await own.metrics()
  const { families } = await registrySource(own as never).collect()
  const [took, jobs] = families as [HistogramFamily, NumberFamily]
  assert.equal(jobs.name, 'jobs_total')
  const exemplar = took.points[0]?.exemplars?.[0]
  assert.deepEqual([exemplar?.value, exemplar?.traceId, exemplar?.attributes], [0.5, 'abc', ['user', 'eve']])
  assert.ok(Math.abs((exemplar?.timeUnixMs ?? 0) - Date.now()) < 60_000)
})
