import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, it } from 'node:test'
import { jaeger } from '@hashira/exporter-jaeger'
import { waitFor } from '@hashira/testing'
import { tracer } from '@hashira/tracing'
import { start } from 'hashira'
import { decodeTraces, type Message } from '../../packages/exporter-otlp/test/otlp-schema.js'

const spans: Message[] = []
const asked: (string | undefined)[] = []
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  if (request.method === 'GET') {
    asked.push(request.url)
    response.end('{"strategyType":"RATE_LIMITING","rateLimitingSampling":{"maxTracesPerSecond":1000}}')
    return
  }
  const { resourceSpans } = decodeTraces(Buffer.concat(chunks))
  for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans)
  response.end()
})
after(() => server.close())

it('OTEL_TRACES_SAMPLER=parentbased_jaeger_remote samples as Jaeger says, and the roots tell why', async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const hashira = start({
    serviceName: 'shop',
    quiet: true,
    exporters: [jaeger({ endpoint })],
    sampler: 'parentbased_jaeger_remote',
    samplerArg: `endpoint=${endpoint},pollingIntervalMs=50,initialSamplingRate=0`,
  })
  await waitFor(
    () =>
      tracer.span('root', (span) => {
        tracer.span('child', () => {})
        return span.isRecording()
      }),
    { timeoutMs: 20_000 },
  )
  await hashira.shutdown()
  assert.equal(asked[0], '/sampling?service=shop')
  assert.deepEqual(
    spans.map(({ name, attributes = [] }) => [name, attributes]),
    [
      ['child', []],
      [
        'root',
        [
          { key: 'sampler.type', value: { stringValue: 'ratelimiting' } },
          { key: 'sampler.param', value: { intValue: '1000' } },
        ],
      ],
    ],
  )
  const count = asked.length
  await new Promise((resolve) => setTimeout(resolve, 200))
  assert.ok(asked.length <= count + 1, 'it asks no more after shutdown')
})
