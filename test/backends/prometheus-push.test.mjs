// What is pushed, as the real receivers keep it: a Pushgateway, Prometheus 2 by remote write 1.0, Prometheus 3 by 2.0 and by 1.0.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { AttributeList } from '@hashira/core'
import { createMetricPipeline } from '@hashira/delivery'
import { prometheus as prometheusExporter } from '@hashira/exporter-prometheus'
import { goldenMetrics } from '@hashira/testing'
import { given } from './given.mjs'
import { PrometheusQuery } from './prometheus/query.mjs'
import { startPrometheus } from './prometheus/start.mjs'
import { pushedGroups } from './pushgateway/query.mjs'
import { waitFor } from './wait-for.mjs'

const { prometheus, prometheus3, pushgateway, describe, it, before, after } = given(
  'prometheus',
  'prometheus3',
  'pushgateway',
)

async function push(options, service, snapshot) {
  const [metrics] = prometheusExporter({ port: 'none', ...options }).metrics
  const resource = {
    attributes: new AttributeList([
      'service.name',
      service,
      'service.instance.id',
      'one',
      'service.version',
      '1.2.3',
    ]),
  }
  const collect = async () => ({ ...snapshot, timeUnixMs: Date.now() })
  const pipeline = createMetricPipeline({ exporter: metrics.name, push: metrics, resource, collect })
  await pipeline.shutdown(Date.now() + 20_000)
  const account = pipeline.account()
  assert.deepEqual([account.delivered, account.dropped], [account.ended, {}], account.lastError)
  return metrics.transport
}

const label = (text) => Buffer.from(String(text), 'utf8').toString('utf8')
const number = (value) => (Number.isFinite(value) ? Number(value) : value)

/** Of a golden family, what an instant query answers: the labels of its own by value, as texts. */
const pointsOf = (snapshot, name) => snapshot.families.find((family) => family.name === name).points

const receivers = [
  {
    title: 'Prometheus 2 by remote write 1.0',
    version: '1.0',
    options: { remoteWriteProtocol: '1.0' },
    start: () =>
      startPrometheus({ program: prometheus.binary, flags: ['--web.enable-remote-write-receiver'] }),
  },
  {
    title: 'Prometheus 2, which takes no 2.0',
    version: '1.0',
    options: {},
    start: () =>
      startPrometheus({ program: prometheus.binary, flags: ['--web.enable-remote-write-receiver'] }),
  },
  {
    title: 'Prometheus 3 by remote write 2.0',
    version: '2.0',
    options: {},
    start: () => ({ url: prometheus3.url, query: new PrometheusQuery(prometheus3.url) }),
  },
  {
    title: 'Prometheus 3 by remote write 1.0',
    version: '1.0',
    options: { remoteWriteProtocol: '1.0' },
    start: () => ({ url: prometheus3.url, query: new PrometheusQuery(prometheus3.url) }),
  },
]

for (const { title, version, options, start } of receivers) {
  describe(title, () => {
    const service = `golden-${randomBytes(4).toString('hex')}`
    const of = `job="${service}",instance="one"`
    const snapshot = goldenMetrics()
    let server
    let transport

    before(async () => {
      server = await start()
      transport = await push({ ...options, remoteWriteUrl: `${server.url}/api/v1/write` }, service, snapshot)
      await waitFor(
        'the samples',
        async () => (await server.query.instant(`golden_many_ratio{${of}}`)).length === 2_000,
      )
    })
    after(() => server?.stop?.())

    /** Values by the label `case`. */
    const cases = async (name) =>
      new Map(
        (await server.query.instant(`${name}{${of}}`)).map(({ metric, value }) => [metric.case, value[1]]),
      )
    const value = async (promql) => Number((await server.query.instant(promql))[0].value[1])

    it('was spoken to in its version', () => {
      assert.equal(transport.version, version)
    })

    it('has the counters', async () => {
      assert.equal(await value(`golden_requests_total{route="/orders/:id",${of}}`), 7)
      assert.equal(await value(`golden_finished_total{${of}}`), 9)
    })

    it('has gauges, whatever their number', async () => {
      const found = await cases('golden_temperature_ratio')
      const points = pointsOf(snapshot, 'golden.temperature')
      assert.equal(found.size, points.length)
      for (const { attributes, value } of points) {
        const text = found.get(String(attributes[1]))
        assert.ok(Object.is(Number(text.replace('Inf', 'Infinity')), number(value)), `${text} for ${value}`)
      }
      const connections = await cases('golden_connections')
      assert.deepEqual([...connections].sort(), [
        ['0', '3'],
        ['1', '-2'],
        ['2', '0'],
      ])
    })

    it('has every histogram with its buckets, and computes with them', async () => {
      for (const { attributes, bucketCounts, bounds, sum, count } of pointsOf(snapshot, 'golden.duration')) {
        const own = `case="${attributes[1]}",${of}`
        const buckets = await server.query.instant(`golden_duration_seconds_bucket{${own}}`)
        let cumulated = 0
        const expected = bucketCounts.map((items, i) => {
          cumulated += items
          return [bounds[i] ?? Number.POSITIVE_INFINITY, cumulated]
        })
        const found = buckets.map(({ metric, value }) => [
          Number(metric.le.replace('+Inf', 'Infinity')),
          Number(value[1]),
        ])
        assert.deepEqual(
          found.sort(([a], [b]) => a - b),
          expected,
        )
        assert.equal(await value(`golden_duration_seconds_sum{${own}}`), sum)
        assert.equal(await value(`golden_duration_seconds_count{${own}}`), count)
      }
      const median = `histogram_quantile(0.25, golden_duration_seconds_bucket{case="50.5",${of}})`
      // 0.25 of 7 is 1.75: 0.75 into the two of the bucket from 0.1 to 1.
      assert.ok(Math.abs((await value(median)) - (0.1 + 0.9 * 0.375)) < 1e-9)
    })

    it('has the summary', async () => {
      assert.equal(await value(`golden_sizes_bytes{quantile="0.99",${of}}`), 900)
      assert.equal(await value(`golden_sizes_bytes_sum{${of}}`), 1_500)
    })

    it('keeps series apart, with their labels as they are', async () => {
      const found = await server.query.instant(`golden_attributes_ratio{${of}}`)
      const points = pointsOf(snapshot, 'golden.attributes')
      assert.equal(found.length, points.length)
      const values = (entries) => JSON.stringify(entries.map(label).filter(Boolean).sort())
      const own = ({ __name__, job, instance, ...rest }) => values(Object.values(rest))
      const expected = points.map(({ attributes }) =>
        values(
          attributes
            .filter((_, i) => i % 2 === 1)
            .map((one) => (Array.isArray(one) ? JSON.stringify(one) : one)),
        ),
      )
      assert.deepEqual(found.map(({ metric }) => own(metric)).sort(), expected.sort())
    })

    it('has thousands of series', async () => {
      assert.equal(await value(`sum(golden_many_ratio{${of}})`), 1_999_000)
    })

    it('knows the target', async () => {
      const [{ metric }] = await server.query.instant(`target_info{${of}}`)
      assert.equal(metric.service_version, '1.2.3')
    })

    it('has the exemplars', async () => {
      const [point] = pointsOf(snapshot, 'golden.requests')
      const { traceId, spanId, value } = point.exemplar
      const [{ exemplars }] = await server.query.exemplars(`golden_requests_total{${of}}`)
      assert.deepEqual(exemplars[0].labels, { trace_id: traceId, span_id: spanId, user: 'u7' })
      assert.equal(Number(exemplars[0].value), value)
      const buckets = await server.query.exemplars(`golden_duration_seconds_bucket{${of},le="1.0"}`)
      assert.ok(buckets.length > 0)
    })

    it('ends what is told to have ended', async () => {
      const job = `${service}-short`
      const url = `${server.url}/api/v1/write`
      await push({ ...options, remoteWriteUrl: url, staleMarkers: true }, job, snapshot)
      // The marker is a moment later than the last sample.
      await waitFor(
        'the end',
        async () => (await server.query.instant(`golden_requests_total{job="${job}"}`)).length === 0,
      )
      const [{ values }] = await server.query.instant(`golden_requests_total{job="${job}"}[1m]`)
      assert.equal(values.length, 1)
      assert.equal(values[0][1], '7')
    })
  })
}

describe('the Pushgateway', () => {
  const service = `golden-${randomBytes(4).toString('hex')}`
  const snapshot = goldenMetrics()
  const options = { pushgatewayUrl: pushgateway.url, groupingKey: { dc: 'eu/1' } }

  it('has every metric of the last push', async () => {
    await push(options, service, snapshot)
    const [group] = await pushedGroups(pushgateway.url, { job: service, dc: 'eu/1' })
    const { metrics, type, help } = group.golden_requests_total
    assert.equal(type, 'COUNTER')
    assert.equal(help, 'A golden metric: "é"\\')
    // The Pushgateway adds an empty `instance` itself.
    const labels = { dc: 'eu/1', instance: '', job: service, route: '/orders/:id' }
    assert.deepEqual(metrics, [{ labels, value: '7' }])
    assert.equal(group.golden_many_ratio.metrics.length, 2_000)
    assert.equal(group.golden_attributes_ratio.metrics.length, pointsOf(snapshot, 'golden.attributes').length)
    const [histogram] = group.golden_duration_seconds.metrics.filter(({ labels }) => labels.case === '50.5')
    assert.deepEqual(histogram.buckets, { 0.1: '1', 1: '3', 10: '3', '+Inf': '7' })
    assert.deepEqual([histogram.count, histogram.sum], ['7', '50.5'])
  })

  it('replaces the group, or only what is pushed', async () => {
    const job = `${service}-replaced`
    const only = (name) => ({
      ...snapshot,
      families: snapshot.families.filter((family) => family.name === name),
    })
    const names = async () => {
      const [group] = await pushedGroups(pushgateway.url, { job })
      return Object.keys(group)
        .filter((name) => name.startsWith('golden'))
        .sort()
    }
    await push(options, job, only('golden.unknown'))
    await push(options, job, only('golden_finished_total'))
    assert.deepEqual(await names(), ['golden_finished_total'])
    await push({ ...options, pushgatewayMethod: 'POST' }, job, only('golden.unknown'))
    assert.deepEqual(await names(), ['golden_finished_total', 'golden_unknown'])
  })

  it('forgets the group when it is deleted at shutdown', async () => {
    const job = `${service}-deleted`
    await push({ ...options, deleteAtShutdown: true }, job, snapshot)
    assert.deepEqual(await pushedGroups(pushgateway.url, { job }), [])
  })

  it('is scraped by the real Prometheus, which then has the job of the push', async () => {
    const job = `${service}-scraped`
    await push(options, job, snapshot)
    const server = await startPrometheus({
      program: prometheus.binary,
      targets: [`${pushgateway.url}/metrics`],
    })
    try {
      const [{ metric, value }] = await waitFor('a scrape', async () => {
        const found = await server.query.instant(`golden_requests_total{exported_job="${job}"}`)
        return found.length > 0 && found
      })
      assert.equal(value[1], '7')
      assert.equal(metric.dc, 'eu/1')
    } finally {
      await server.stop()
    }
  })
})
