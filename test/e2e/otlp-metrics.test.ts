import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, it } from 'node:test'
import { otlp } from '@hashira/exporter-otlp'
import { metrics } from '@opentelemetry/api'
import { start } from 'hashira'
import { decodeMetrics, type Message } from '../../packages/exporter-otlp/test/otlp-schema.js'

const received: Message[] = []
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const { resourceMetrics } = decodeMetrics(Buffer.concat(chunks))
  for (const { scopeMetrics } of resourceMetrics)
    for (const scope of scopeMetrics) received.push(...scope.metrics)
  response.end()
})
after(() => server.close())

it('OTLP may ask for exponential histograms, and the last snapshot has everything', async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const hashira = start({
    serviceName: 'shop',
    quiet: true,
    exporters: [],
    metricsExporters: [otlp({ endpoint, histogramAggregation: 'base2_exponential_bucket_histogram' })],
  })
  const histogram = metrics.getMeter('app').createHistogram('app.wait', { unit: 's' })
  for (const seconds of [1, 3, 4]) histogram.record(seconds)
  await hashira.shutdown()
  const found = received.find(({ name }) => name === 'app.wait')
  const [point] = found.exponentialHistogram.dataPoints
  assert.deepEqual([point.count, point.sum, point.zeroCount ?? '0'], ['3', 8, '0'])
  const names = received.map(({ name }) => name)
  for (const name of ['process.cpu.time', 'hashira.spans.created'])
    assert.ok(names.includes(name), `${name} is not among ${names.join(', ')}`)
})
