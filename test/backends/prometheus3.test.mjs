// Checks the harness itself: points written by hand go into the real Prometheus 3, by OTLP and by remote write, and come back.
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

  it('takes remote write 2.0', async () => {
    const response = await fetch(prometheus3.remoteWriteUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '2.0.0',
      },
      body: snappy(request({ __name__: `${name}_written`, route: '/cart' }, 42, Date.now())),
    })
    assert.equal(response.status, 204, await response.text())
    assert.equal(response.headers.get('x-prometheus-remote-write-samples-written'), '1')
    const [{ metric, value }] = await waitFor('the sample', async () => {
      const found = await query.instant(`${name}_written`)
      return found.length > 0 && found
    })
    assert.equal(metric.route, '/cart')
    assert.equal(value[1], '42')
  })
})

/** A request of remote write 2.0 with one sample: the fields of the message by their numbers. */
function request(labels, value, timeMs) {
  const symbols = ['', ...Object.entries(labels).flat()]
  const references = symbols.slice(1).map((_, index) => index + 1)
  const double = Buffer.alloc(8)
  double.writeDoubleLE(value)
  const sample = Buffer.concat([Buffer.from([0x09]), double, Buffer.from([0x10]), varint(timeMs)])
  const series = Buffer.concat([block(1, Buffer.concat(references.map(varint))), block(2, sample)])
  return Buffer.concat([...symbols.map((symbol) => block(4, Buffer.from(symbol))), block(5, series)])
}

function block(field, bytes) {
  return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes])
}

function varint(number) {
  const bytes = []
  for (let rest = BigInt(number); ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...bytes, Number(rest)])
    bytes.push(Number(rest & 0x7fn) | 0x80)
  }
}

/** Snappy's block format with everything as one literal of at most 256 bytes. */
function snappy(bytes) {
  assert.ok(bytes.length <= 256)
  return Buffer.concat([varint(bytes.length), Buffer.from([60 << 2, bytes.length - 1]), bytes])
}
