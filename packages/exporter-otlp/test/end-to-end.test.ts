import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { LogRecord, MetricSnapshot, PushLogs, PushMetrics, PushTraces } from '@hashira/core'
import { createMetricPipeline, createPipeline } from '@hashira/delivery'
import { type OtlpOptions, otlp } from '@hashira/exporter-otlp'
import { expectedLog, log } from './log-records'
import {
  decodeLogs,
  decodeMetrics,
  decodeTraces,
  encodeLogsResponse,
  encodeMetricsResponse,
  encodeTracesResponse,
  parseJson,
} from './otlp-schema'
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

  async function sendLogs(options: OtlpOptions, logs: LogRecord[]) {
    const { transport, limits, createEncoder } = otlp({ endpoint, ...options }).logs as PushLogs
    const encoder = createEncoder(resource)
    const pipeline = createPipeline<LogRecord>({
      exporter: 'otlp',
      signal: 'logs',
      encoder,
      transport,
      limits,
    })
    for (const one of logs) pipeline.append(one)
    await pipeline.shutdown(Date.now() + 5_000)
    return pipeline.account()
  }

  it('delivers logs as protobuf and as gzipped JSON', async () => {
    const logs = Array.from({ length: 30 }, (_, i) =>
      log({ body: `line ${i}`, attributes: attributes(['i', i]) }),
    )
    const variants = [
      [{}, decodeLogs, 'application/x-protobuf'],
      [{ protocol: 'http/json', compression: 'gzip' }, parseJson, 'application/json'],
    ] as const
    for (const [options, decode, type] of variants) {
      received.length = 0
      const account = await sendLogs(options, logs)
      assert.deepEqual([account.ended, account.delivered], [30, 30])
      const [{ path, headers, body }] = received as [Received]
      assert.equal(path, '/v1/logs')
      assert.equal(headers['content-type'], type)
      const [{ scopeLogs }] = decode(body).resourceLogs
      assert.deepEqual(scopeLogs[0].logRecords, logs.map(expectedLog))
    }
  })

  it('counts the logs and data points that the backend refused', async () => {
    answer.body = encodeLogsResponse({ partialSuccess: { rejectedLogRecords: 2, errorMessage: 'no' } })
    const account = await sendLogs({}, [log(), log(), log()])
    assert.deepEqual([account.delivered, account.dropped], [1, { rejected: 2 }])
    answer.body = encodeMetricsResponse({ partialSuccess: { rejectedDataPoints: 1, errorMessage: 'no' } })
    const metrics = otlp({ endpoint }).metrics as PushMetrics
    const result = await metrics.transport.send(
      { bytes: new Uint8Array(0), itemCount: 3 },
      new AbortController().signal,
    )
    assert.deepEqual(result, { outcome: 'delivered', rejected: { itemCount: 1, message: 'no' } })
  })

  it('does not send more than 64 MiB, and reads no more than 4 MiB', async () => {
    const { transport } = otlp({ endpoint, compression: 'gzip' }).traces as PushTraces
    const bytes = new Uint8Array(64 * 1024 * 1024 + 1)
    const { signal } = new AbortController()
    const tooLarge = await transport.send({ bytes, itemCount: 1 }, signal)
    assert.deepEqual([tooLarge.outcome, 'reason' in tooLarge && tooLarge.reason], ['drop', 'too_large'])
    assert.equal(received.length, 0)
    answer.body = Buffer.alloc(5 * 1024 * 1024)
    const long = await transport.send({ bytes: new Uint8Array(1), itemCount: 1 }, signal)
    assert.deepEqual(long, { outcome: 'delivered', rejected: undefined })
    transport.close?.()
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
