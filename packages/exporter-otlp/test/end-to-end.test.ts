import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { MetricSnapshot, PushMetrics, PushTraces } from '@hashira/core'
import { createMetricPipeline, createPipeline } from '@hashira/delivery'
import { type OtlpOptions, otlp } from '@hashira/exporter-otlp'
import { decodeMetrics, decodeTraces, encodeTracesResponse, parseJson } from './otlp-schema'
import { attributes, expectedSpan, record, resource, tidySpan } from './records'

interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

describe('otlp() to a real server', () => {
  let server: Server
  let received: Received[]
  let answer: { status: number; body: Uint8Array | string }
  let endpoint: string

  before(async () => {
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const packed = Buffer.concat(chunks)
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(packed) : packed
      received.push({ path: request.url as string, headers: request.headers, body })
      response.writeHead(answer.status).end(answer.body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => server.close())
  beforeEach(() => {
    received = []
    answer = { status: 200, body: '' }
  })

  async function send(options: OtlpOptions) {
    const { transport, limits, createEncoder } = otlp({ endpoint, ...options }).traces as PushTraces
    const encoder = createEncoder(resource)
    const pipeline = createPipeline({ exporter: 'otlp', signal: 'traces', encoder, transport, limits })
    for (const one of records) pipeline.append(one)
    await pipeline.shutdown(Date.now() + 5_000)
    return pipeline.account()
  }

  const records = Array.from({ length: 30 }, (_, i) =>
    record({ name: `GET /${i}`, attributes: attributes(['i', i]) }),
  )

  it('delivers spans as protobuf', async () => {
    const account = await send({ headers: { 'Api-Key': 'k' }, maxBatchItems: 20 })
    assert.equal(account.delivered, 30)
    assert.deepEqual(account.dropped, {})
    assert.equal(received.length, 2)
    const spans = received
      .flatMap(({ body }) => decodeTraces(body).resourceSpans[0].scopeSpans[0].spans)
      .map(tidySpan)
      .sort((a, b) => Number(a.attributes[0].value.intValue) - Number(b.attributes[0].value.intValue))
    assert.deepEqual(spans, records.map(expectedSpan))
    const [{ path, headers }] = received as [Received]
    assert.equal(path, '/v1/traces')
    assert.equal(headers['content-type'], 'application/x-protobuf')
    assert.equal(headers['api-key'], 'k')
    assert.match(headers['user-agent'] as string, /^hashira\/[\d.]+ OTel-OTLP-Exporter-JavaScript\/[\d.]+$/)
  })

  it('delivers spans as gzipped JSON', async () => {
    const account = await send({ protocol: 'http/json', compression: 'gzip' })
    assert.equal(account.delivered, 30)
    const [{ headers, body }] = received as [Received]
    assert.equal(headers['content-type'], 'application/json')
    assert.equal(headers['content-encoding'], 'gzip')
    const { spans } = parseJson(body).resourceSpans[0].scopeSpans[0]
    assert.deepEqual(spans.map(tidySpan), records.map(expectedSpan))
  })

  it('counts what the backend refused', async () => {
    answer.body = encodeTracesResponse({ partialSuccess: { rejectedSpans: 4, errorMessage: 'too old' } })
    const account = await send({})
    assert.equal(account.ended, 30)
    assert.equal(account.delivered, 26)
    assert.equal(
      Object.values(account.dropped).reduce((sum, count) => sum + count, 0),
      4,
    )
  })

  it('does not repeat what is wrong', async () => {
    answer = { status: 400, body: 'bad span' }
    const account = await send({})
    assert.equal(received.length, 1)
    assert.deepEqual(account.dropped, { http_400: 30 })
  })

  it('delivers metrics', async () => {
    const push = otlp({ endpoint, metricIntervalMs: 600_000 }).metrics as PushMetrics
    const point = { attributes: ['route', '/a'], startTimeUnixMs: 1_795_411_000_000, value: 7 }
    const named = { name: 'requests', naming: 'opentelemetry', description: '', unit: '1' } as const
    const snapshot: MetricSnapshot = {
      families: [{ ...named, type: 'counter', points: [point] }],
      failures: [],
      timeUnixMs: 1_795_411_060_000,
    }
    const collect = async () => snapshot
    const pipeline = createMetricPipeline({ exporter: 'otlp', push, resource, collect })
    await pipeline.shutdown(Date.now() + 5_000)
    const [{ path, body }] = received as [Received]
    assert.equal(path, '/v1/metrics')
    const [metric] = decodeMetrics(body).resourceMetrics[0].scopeMetrics[0].metrics
    assert.equal(metric.name, 'requests')
    assert.equal(metric.sum.dataPoints[0].asDouble, 7)
    assert.equal(pipeline.account().delivered, 1)
  })
})
