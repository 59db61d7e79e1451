// Checks the harness itself: points written by hand go into the real Prometheus 3 by OTLP and come back.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { given } from './given.mjs'
import { PrometheusQuery } from './prometheus/query.mjs'
import { waitFor } from './wait-for.mjs'

const { prometheus3, describe, it, before } = given('prometheus3')

const name = `by_hand_${randomBytes(4).toString('hex')}`

describe('the real Prometheus 3', () => {
  const query = new PrometheusQuery(prometheus3.url)

  before(async () => {
    const timeUnixNano = `${Date.now()}000000`
    const attributes = [{ key: 'route', value: { stringValue: '/cart' } }]
    const point = { timeUnixNano, startTimeUnixNano: timeUnixNano, attributes }
    const cumulative = { aggregationTemporality: 2 }
    const buckets = { offset: 0, bucketCounts: ['1', '2'] }
    const counted = { ...point, count: '4', sum: 9.5, scale: 0, zeroCount: '1', positive: buckets }
    const metrics = [
      {
        name: `${name}.sold`,
        sum: { ...cumulative, isMonotonic: true, dataPoints: [{ ...point, asInt: '3' }] },
      },
      { name: `${name}.time`, unit: 's', exponentialHistogram: { ...cumulative, dataPoints: [counted] } },
    ]
    const response = await fetch(`${prometheus3.otlpUrl}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }),
    })
    assert.equal(response.status, 200, await response.text())
    await waitFor('the counter', async () => (await query.instant(`${name}_sold_total`)).length > 0)
  })

  it('has the counter, under the name that Prometheus gives it', async () => {
    const [{ metric, value }] = await query.instant(`${name}_sold_total`)
    assert.equal(metric.route, '/cart')
    assert.equal(value[1], '3')
  })

  it('has the exponential histogram as a native one', async () => {
    const [{ histogram }] = await query.instant(`${name}_time_seconds`)
    const { count, sum, buckets } = histogram[1]
    assert.equal(count, '4')
    assert.equal(sum, '9.5')
    assert.deepEqual(buckets.map(([, from, to, count]) => [from, to, count]).slice(1), [
      ['1', '2', '1'],
      ['2', '4', '2'],
    ])
  })

  it('says which versions of remote write it takes', async () => {
    const response = await fetch(prometheus3.remoteWriteUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v9.Request' },
      body: 'x',
    })
    assert.equal(response.status, 415)
    assert.match(await response.text(), /io\.prometheus\.write\.v2\.Request/)
  })
})
