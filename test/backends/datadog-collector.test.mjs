// What the exporter sends to an agent and to DogStatsD, decoded by the collector's Datadog and StatsD receivers, field by field.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { AttributeList } from '@hashira/core'
import { datadog } from '@hashira/exporter-datadog'
import { start } from 'hashira'
import { readPoints, readSpans } from './collector/output.mjs'
import { decimal, links, recordTrace, startSeconds } from './datadog-agent/record-trace.mjs'
import { given } from './given.mjs'
import { waitFor } from './wait-for.mjs'

const { collector, describe, it } = given('collector')

const nanos = (rest) => String(BigInt(startSeconds) * 1_000_000_000n + BigInt(rest))
const [ok, error] = [1, 2]
const kinds = { internal: 1, server: 2, client: 3 }

describe('the real collector, as a Datadog agent', () => {
  for (const protocolVersion of ['0.4', '0.5']) {
    it(`reads ${protocolVersion} as it was recorded`, async () => {
      const service = `shop-${randomBytes(4).toString('hex')}`
      const exporter = datadog({
        agentUrl: collector.datadogUrl,
        env: 'test',
        version: '1.2.3',
        tags: { team: 'core' },
        protocolVersion,
      })
      const hashira = start({ serviceName: service, exporters: [], tracesExporters: [exporter], quiet: true })
      const ids = recordTrace()
      await hashira.shutdown({ timeoutMs: 10_000 })
      const spans = await waitFor('the trace', () => {
        const found = readSpans(collector.tracesFile).filter(({ traceId }) => traceId === ids.traceId)
        return found.length === 3 && found
      })
      const of = (id) => spans.find(({ spanId }) => spanId === id)
      const check = (span, { attributes, ...fields }) => {
        for (const [key, value] of Object.entries(fields)) assert.deepEqual(span[key], value, key)
        for (const [key, value] of Object.entries(attributes))
          assert.deepEqual(span.attributes[key], value, key)
        assert.equal(span.resource['service.name'], service)
        assert.equal(span.resource['telemetry.sdk.language'], 'nodejs')
        assert.equal(span.attributes['deployment.environment.name'], 'test')
        assert.equal(span.attributes['service.version'], '1.2.3')
        assert.equal(span.attributes.team, 'core')
        assert.equal(span.attributes['datadog.span.id'], decimal(span.spanId))
        assert.equal(span.attributes['datadog.trace.id'], decimal(ids.traceId.slice(16)))
      }
      check(of(ids.root), {
        name: 'http.server.request',
        kind: kinds.server,
        parentSpanId: undefined,
        startTimeUnixNano: nanos(5),
        endTimeUnixNano: nanos(50_000_005),
        status: { code: ok },
        attributes: {
          'dd.span.Resource': 'GET /users/:id',
          'http.request.method': 'GET',
          'http.route': '/users/:id',
          'http.response.status_code': '200',
          'url.full': 'http://shop.example:8080/users/7',
          'user.näme': 'Zoë 😀',
          ratio: 0.25,
          cached: 1,
          list: '["a","b"]',
          'sampling.priority': '1.000000',
          '_dd.top_level': 1,
        },
      })
      check(of(ids.call), {
        name: 'http.client.request',
        kind: kinds.client,
        parentSpanId: ids.root,
        startTimeUnixNano: nanos(1_000_000),
        endTimeUnixNano: nanos(31_000_000),
        status: { code: error },
        attributes: {
          'dd.span.Resource': 'GET',
          'http.response.status_code': '503',
          'url.full': 'http://stock/items',
          'out.host': 'stock',
          'error.type': 'StockError',
          'error.message': 'out of störck',
          'error.stack': 'at stock.js:1',
          '_dd.measured': 1,
          '_dd.top_level': undefined,
        },
      })
      check(of(ids.compute), {
        name: 'internal',
        kind: kinds.internal,
        parentSpanId: ids.root,
        startTimeUnixNano: nanos(32_000_000),
        endTimeUnixNano: nanos(33_000_000),
        attributes: { 'dd.span.Resource': 'sum up', '_dd.measured': undefined },
      })
      const [link] = of(ids.call).links
      const { traceId, spanId } = links[0].context
      assert.deepEqual([link.traceId, link.spanId, link.attributes], [traceId, spanId, links[0].attributes])
    })
  }
})

describe('the real collector, as DogStatsD', () => {
  it('reads counts, gauges and distributions as they were counted', async () => {
    const name = `shop${randomBytes(4).toString('hex')}`
    const { metrics } = datadog({
      dogstatsdUrl: `udp://${collector.statsdHost}:${collector.statsdPort}`,
      env: 'test',
      tags: { team: 'core' },
    })
    const base = { naming: 'opentelemetry', description: '', unit: '' }
    const point = { startTimeUnixMs: 0, attributes: ['http.route', '/users/:id'] }
    const histogram = { count: 9, sum: 12.5, bounds: [1, 2, 4], bucketCounts: [2, 6, 1, 0] }
    const families = [
      { ...base, name: `${name}.sold`, type: 'counter', points: [{ ...point, value: 3 }] },
      { ...base, name: `${name}.heap`, type: 'gauge', points: [{ ...point, value: 1e6 }] },
      { ...base, name: `${name}.duration`, type: 'histogram', points: [{ ...point, ...histogram }] },
    ]
    const resource = { attributes: new AttributeList(['service.name', name]) }
    const snapshot = { families, failures: [], timeUnixMs: Date.now() }
    for (const batch of metrics.encode(snapshot, resource)) {
      if (batch === undefined) continue
      const result = await metrics.transport.send(batch, new AbortController().signal)
      assert.equal(result.outcome, 'delivered')
    }
    metrics.transport.close()
    const pointsOf = (metric) =>
      readPoints(collector.metricsFile).filter((one) => one.name === `${name}.${metric}`)
    const [sold] = await waitFor('the count', () => pointsOf('sold').length > 0 && pointsOf('sold'))
    const [heap] = await waitFor('the gauge', () => pointsOf('heap').length > 0 && pointsOf('heap'))
    const tags = { service: name, env: 'test', team: 'core', 'http.route': '/users/:id' }
    assert.deepEqual(sold.attributes, { ...tags, metric_type: 'counter' })
    assert.deepEqual(heap.attributes, { ...tags, metric_type: 'gauge' })
    assert.equal(heap.asDouble, 1e6)
    assert.deepEqual([sold.type, sold.asInt, sold.temporality], ['sum', '3', 1])
    // The receiver gives one point for each value, and forgets how often it came: what stands for 2, 6 and 1 measurements.
    const values = await waitFor('the distribution', () => {
      const found = pointsOf('duration')
      return found.length === 3 && found
    })
    for (const { attributes } of values)
      assert.deepEqual(attributes, { ...tags, metric_type: 'distribution' })
    const [low, middle, high] = values.map(({ asDouble }) => asDouble).sort((a, b) => a - b)
    assert.ok(low <= 1 && middle > 1 && middle <= 2 && high > 2 && high <= 4, `${low}, ${middle}, ${high}`)
    assert.ok(Math.abs(2 * low + 6 * middle + high - histogram.sum) < 1e-4)
  })
})
