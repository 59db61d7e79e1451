// Checks the harness itself: what is sent by hand to each receiver of the collector comes out of its files.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { readPoints, readRecords, readSpans } from './collector/output.mjs'
import { startCollector } from './collector/start.mjs'
import { given } from './given.mjs'
import { waitFor } from './wait-for.mjs'

const { collector, describe, it, after } = given('collector')

const service = `shop-${randomBytes(4).toString('hex')}`
const startMs = Date.now()
const hex = (bytes) => randomBytes(bytes).toString('hex')

async function post(url, body) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  assert.ok(response.ok, `${url}: ${response.status} ${await response.text()}`)
}

async function datagram(text, port, host) {
  const socket = createSocket('udp4')
  try {
    await new Promise((resolve, reject) => {
      socket.send(text, port, host, (error) => (error ? reject(error) : resolve()))
    })
  } finally {
    socket.close()
  }
}

/** The only span of a trace, as the collector wrote it. */
function spanOf(traceId) {
  return waitFor(`trace ${traceId}`, () =>
    readSpans(collector.tracesFile).find((span) => span.traceId === traceId),
  )
}

describe('the real collector', () => {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] }
  const timeUnixNano = `${startMs}000000`

  it('takes spans, points and records by OTLP', async () => {
    const span = {
      traceId: hex(16),
      spanId: hex(8),
      name: 'charge',
      kind: 3,
      startTimeUnixNano: timeUnixNano,
      endTimeUnixNano: `${startMs + 25}000000`,
      attributes: [
        { key: 'amount', value: { intValue: '12' } },
        { key: 'tags', value: { arrayValue: { values: [{ stringValue: 'a' }, { boolValue: false }] } } },
      ],
      status: { code: 2, message: 'refused' },
    }
    const scope = { name: 'by-hand', version: '1' }
    await post(`${collector.otlpUrl}/v1/traces`, {
      resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span] }] }],
    })
    const found = await spanOf(span.traceId)
    for (const key of ['spanId', 'name', 'kind', 'startTimeUnixNano', 'endTimeUnixNano', 'status'])
      assert.deepEqual(found[key], span[key], key)
    assert.deepEqual(found.attributes, { amount: 12, tags: ['a', false] })
    assert.deepEqual(found.resource, { 'service.name': service })
    assert.deepEqual(found.scope, { ...scope, attributes: {} })

    const gauge = { dataPoints: [{ timeUnixNano, asDouble: 1.5 }] }
    await post(`${collector.otlpUrl}/v1/metrics`, {
      resourceMetrics: [
        { resource, scopeMetrics: [{ scope, metrics: [{ name: 'heat', unit: 'K', gauge }] }] },
      ],
    })
    const point = await waitFor('the point', () =>
      readPoints(collector.metricsFile).find((point) => point.resource['service.name'] === service),
    )
    const { name, unit, type, asDouble } = point
    assert.deepEqual(
      { name, unit, type, asDouble },
      { name: 'heat', unit: 'K', type: 'gauge', asDouble: 1.5 },
    )

    const record = { timeUnixNano, severityNumber: 9, body: { stringValue: 'charged' } }
    await post(`${collector.otlpUrl}/v1/logs`, {
      resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [record] }] }],
    })
    const { body, severityNumber } = await waitFor('the record', () =>
      readRecords(collector.logsFile).find((record) => record.resource['service.name'] === service),
    )
    assert.deepEqual({ body, severityNumber }, { body: 'charged', severityNumber: 9 })
  })

  it('takes spans as Zipkin', async () => {
    const traceId = hex(16)
    const span = {
      traceId,
      id: hex(8),
      kind: 'SERVER',
      name: 'get',
      timestamp: startMs * 1000,
      duration: 1500,
    }
    await post(`${collector.zipkinUrl}/api/v2/spans`, [
      { ...span, localEndpoint: { serviceName: service }, tags: { 'http.path': '/cart' } },
    ])
    const found = await spanOf(traceId)
    assert.equal(found.kind, 2)
    assert.equal(BigInt(found.endTimeUnixNano) - BigInt(found.startTimeUnixNano), 1_500_000n)
    assert.equal(found.attributes['http.path'], '/cart')
  })

  it('takes spans as a Datadog agent, with trace ids of 128 bits', async () => {
    const [upper, lower] = ['6b07b10700000000', '00000000000000ff']
    const span = { trace_id: 255, span_id: 7, parent_id: 0, name: 'web.request', resource: 'GET /', service }
    const times = { start: startMs * 1_000_000, duration: 2_000_000, error: 0 }
    await post(`${collector.datadogUrl}/v0.3/traces`, [
      [{ ...span, ...times, type: 'web', meta: { '_dd.p.tid': upper, env: service }, metrics: {} }],
    ])
    const found = await waitFor('the span', () =>
      readSpans(collector.tracesFile).find(
        (span) => span.resource['service.name'] === service && span.attributes['dd.span.Resource'],
      ),
    )
    assert.equal(found.traceId, `${upper}${lower}`)
    assert.equal(found.attributes['dd.span.Resource'], 'GET /')
  })

  it('takes metrics as StatsD', async () => {
    const name = `${service}.sold`
    await datagram(`${name}:3|c|#route:/cart`, collector.statsdPort, collector.statsdHost)
    const found = await waitFor('the counter', () =>
      readPoints(collector.metricsFile).find((point) => point.name === name),
    )
    assert.equal(Number(found.asInt), 3)
    assert.deepEqual(found.attributes, { metric_type: 'counter', route: '/cart' })
  })

  it('takes segments as the X-Ray daemon', async () => {
    const startSeconds = Math.floor(startMs / 1000)
    const [time, random] = [startSeconds.toString(16), hex(12)]
    const segment = { trace_id: `1-${time}-${random}`, id: hex(8), name: service }
    const text = JSON.stringify({ ...segment, start_time: startSeconds, end_time: startSeconds + 0.25 })
    await datagram(`{"format":"json","version":1}\n${text}`, collector.xrayPort, collector.xrayHost)
    const found = await spanOf(`${time}${random}`)
    assert.equal(found.spanId, segment.id)
    assert.equal(BigInt(found.startTimeUnixNano), BigInt(startSeconds) * 1_000_000_000n)
    // The receiver reads seconds as a float of 64 bits, which holds today's to about 240 ns.
    const durationNs = Number(BigInt(found.endTimeUnixNano) - BigInt(found.startTimeUnixNano))
    assert.ok(Math.abs(durationNs - 250_000_000) < 1000, `${durationNs} ns`)
  })

  describe('of a test', () => {
    const aws = createServer(async (request, response) => {
      const signed = request.headers.authorization?.includes('/us-east-1/xray/aws4_request') === true
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ path: request.url, signed }))
      await request.resume()
    })
    let own

    after(async () => {
      await own?.stop()
      aws.closeAllConnections()
      aws.close()
    })

    it('signs what goes through the X-Ray proxy and sends it where the test says', async () => {
      aws.listen(0, '127.0.0.1')
      await once(aws, 'listening')
      const awsEndpoint = `http://127.0.0.1:${aws.address().port}`
      own = await startCollector({ program: collector.binary, awsEndpoint })
      const response = await waitFor('the proxy', () =>
        fetch(`${own.xrayProxyUrl}/GetSamplingRules`, { method: 'POST', body: '{}' }),
      )
      assert.deepEqual(await response.json(), { path: '/GetSamplingRules', signed: true })
    })
  })
})
