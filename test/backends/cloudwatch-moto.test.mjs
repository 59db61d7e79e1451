// CloudWatch as moto has it: PutMetricData by what GetMetricStatistics says, and PutLogEvents by the events that come back, read as
// CloudWatch reads the Embedded Metric Format. moto takes any signature; that ours are right is checked by packages/aws and
// packages/exporter-cloudwatch with a server that verifies them. moto makes no metrics of documents: what CloudWatch does with
// them is checked by the rules of its specification (packages/exporter-cloudwatch/test/emf-rules.ts) and by AWS's own library.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { AttributeList } from '@hashira/core'
import { createMetricPipeline } from '@hashira/delivery'
import { cloudwatch } from '@hashira/exporter-cloudwatch'
import { given } from './given.mjs'
import { MotoApi } from './moto/api.mjs'

const { moto, describe, it } = given('moto')

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
const resource = {
  attributes: new AttributeList([
    'service.name',
    'shop',
    'deployment.environment.name',
    'prod',
    'host.name',
    'h1',
  ]),
}
const SERVICE = { Service: 'shop', Environment: 'prod' }
const startTimeUnixMs = Date.now() - 60_000
const BOUNDS = [0.1, 0.25, 1]

function series(route, status, bucketCounts, sum) {
  const labels = ['http.request.method', 'GET', 'http.route', route, 'http.response.status_code', status]
  const count = bucketCounts.reduce((all, one) => all + one, 0)
  return { attributes: labels, startTimeUnixMs, bounds: BOUNDS, bucketCounts, sum, count }
}

const family = (given) => ({ naming: 'opentelemetry', description: '', unit: '', ...given })
const snapshot = () => ({
  timeUnixMs: Date.now(),
  failures: [],
  families: [
    family({
      name: 'http.server.request.duration',
      type: 'histogram',
      unit: 's',
      points: [
        series('/users/:id', 200, [6, 2, 0, 0], 0.64),
        series('/users/:id', 503, [0, 0, 0, 2], 7),
        series('/é', 404, [1, 0, 0, 0], 0.01),
      ],
    }),
    family({
      name: 'jobs.done',
      type: 'counter',
      points: [{ attributes: ['queue', 'a'], startTimeUnixMs, value: 7 }],
    }),
    family({
      name: 'wide',
      type: 'histogram',
      unit: 'By',
      points: [
        {
          attributes: [],
          startTimeUnixMs,
          bounds: Array.from({ length: 309 }, (_, i) => i + 1),
          bucketCounts: Array.from({ length: 310 }, () => 1),
          count: 310,
          sum: 48_000,
        },
      ],
    }),
    family({
      name: 'broken',
      type: 'gauge',
      points: [{ attributes: [], startTimeUnixMs, value: Number.NaN }],
    }),
  ],
})

async function send(options, { given = snapshot() } = {}) {
  const { metrics: push } = cloudwatch({ region: 'us-east-1', endpoint: moto.url, credentials, ...options })
  const collect = async () => given
  const pipeline = createMetricPipeline({ exporter: 'cloudwatch', push, resource, collect })
  await pipeline.shutdown(Date.now() + 30_000)
  return pipeline.account()
}

describe('PutMetricData', () => {
  it('moto shows the statistics of what was recorded, for the service and for each route', async () => {
    const namespace = `Shop-${randomBytes(4).toString('hex')}`
    const { delivered, dropped, lastError } = await send({ via: 'putMetricData', namespace })
    // 3 metrics for the service and 2 routes, the counter, and 310 values in 3 parts.
    assert.deepEqual([delivered, dropped, lastError], [3 * 3 + 1 + 3, {}, undefined])
    const api = new MotoApi(moto.url)
    const read = async (name, labels = {}, of = namespace) => {
      const points = await api.statistics({ namespace: of, name, dimensions: { ...SERVICE, ...labels } })
      const total = (field) => Number(points.reduce((sum, point) => sum + point[field], 0).toFixed(6))
      return { count: total('SampleCount'), sum: total('Sum'), points }
    }
    const requests = (name, labels, of) => read(`http.server.request.${name}`, labels, of)
    const pick = ({ count, sum }) => [count, sum]
    // moto adds metrics with further dimensions to those asked for, so the service's alone are sent a second time.
    const dimensions = { 'http.server.request.*': [[]] }
    const alone = `${namespace}-alone`
    assert.equal((await send({ via: 'putMetricData', namespace: alone, dimensions })).delivered, 3 + 1 + 3)
    assert.deepEqual(pick(await requests('duration', {}, alone)), [11, 7.65])
    assert.deepEqual(pick(await requests('fault', {}, alone)), [11, 2])
    assert.deepEqual(pick(await requests('error', {}, alone)), [11, 1])
    assert.deepEqual(pick(await requests('duration')), [2 * 11, 2 * 7.65])
    const users = { 'http.route': '/users/:id', 'http.request.method': 'GET' }
    assert.deepEqual(pick(await requests('duration', users)), [10, 7.64])
    assert.deepEqual(pick(await requests('fault', users)), [10, 2])
    const other = { 'http.route': '/%C3%A9', 'http.request.method': 'GET' }
    assert.deepEqual(pick(await requests('error', other)), [1, 1])
    assert.deepEqual(pick(await read('jobs.done')), [1, 7])
    const wide = await read('wide')
    assert.deepEqual(pick(wide), [310, 48_000])
    assert.ok(wide.points.every(({ Minimum, Maximum }) => Minimum >= 0 && Maximum <= 618))
    const names = (await api.metrics(namespace)).map(({ MetricName }) => MetricName)
    assert.ok(!names.includes('broken'))
    assert.equal(
      (await api.statistics({ namespace, name: 'jobs.done', dimensions: { ...SERVICE, queue: 'a' } })).length,
      0,
    )
  })
})

describe('PutLogEvents', () => {
  it('makes group and stream, and moto gives the documents back', async () => {
    const logGroupName = `/shop/${randomBytes(4).toString('hex')}`
    const given = snapshot()
    const { delivered, dropped, lastError } = await send({ via: 'logs', logGroupName }, { given })
    assert.deepEqual([dropped, lastError], [{}, undefined])
    const events = await new MotoApi(moto.url).logEvents(logGroupName)
    assert.ok(events.every(({ timestamp }) => timestamp === given.timeUnixMs))
    assert.deepEqual([...new Set(events.map(({ logStreamName }) => logStreamName))], ['h1'])
    const metrics = events.flatMap(({ message }) => metricsOf(JSON.parse(message)))
    assert.equal(metrics.length, delivered)
    const total = (name, labels = {}) => {
      const wanted = JSON.stringify({ ...SERVICE, ...labels })
      const found = metrics.filter(
        (one) => one.name === name && one.sets.some((set) => JSON.stringify(set) === wanted),
      )
      const values = found.flatMap((one) => one.values)
      const sum = values.reduce((all, [value, count]) => all + value * count, 0)
      return [values.reduce((all, [, count]) => all + count, 0), Number(sum.toFixed(6))]
    }
    const users = { 'http.route': '/users/:id', 'http.request.method': 'GET' }
    assert.deepEqual(total('http.server.request.duration'), [11, 7.65])
    assert.deepEqual(total('http.server.request.duration', users), [10, 7.64])
    assert.deepEqual(total('http.server.request.fault', users), [10, 2])
    assert.deepEqual(total('wide'), [310, 48_000])
    assert.deepEqual(total('jobs.done'), [1, 7])
    assert.equal(JSON.parse(events.find(({ message }) => message.includes('jobs.done')).message).queue, 'a')
  })

  it('goes on in a stream that is there', async () => {
    const logGroupName = `/shop/${randomBytes(4).toString('hex')}`
    for (let i = 0; i < 2; i++) assert.deepEqual((await send({ via: 'logs', logGroupName })).dropped, {})
    const events = await new MotoApi(moto.url).logEvents(logGroupName)
    assert.equal(events.filter(({ message }) => message.includes('"jobs.done":7')).length, 2)
  })

  it('what Logs refuses as too old is counted', async () => {
    const logGroupName = `/shop/${randomBytes(4).toString('hex')}`
    const given = { ...snapshot(), timeUnixMs: Date.now() - 15 * 86_400_000 }
    const { ended, delivered, dropped } = await send({ via: 'logs', logGroupName }, { given })
    // moto names the last refused event; by AWS's API reference the index is the one behind it. The last event holds one metric.
    assert.deepEqual([delivered, dropped], [1, { rejected: ended - 1 }])
    assert.deepEqual(await new MotoApi(moto.url).logEvents(logGroupName), [])
  })
})

/** What CloudWatch takes out of a document: values with counts, by name and dimension set. */
function metricsOf(document) {
  return document._aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) => {
    const sets = Dimensions.map((set) => Object.fromEntries(set.map((key) => [key, document[key]])))
    return Metrics.map(({ Name: name }) => {
      const target = document[name]
      const values =
        typeof target === 'number'
          ? [[target, 1]]
          : target.Values.map((value, i) => [value, target.Counts[i]])
      return { name, sets, values }
    })
  })
}
