import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, it } from 'node:test'
import { contextManager } from '@hashira/core'
import { tracer, tracerProvider } from '@hashira/tracing'
import { context, SpanKind, trace } from '@opentelemetry/api'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { record } from './support'

const instrumentation = new HttpInstrumentation({ enabled: false })

after(() => {
  instrumentation.disable()
  context.disable()
  trace.disable()
})

it('a published instrumentation makes its spans through the provider', async () => {
  const sink = record()
  context.setGlobalContextManager(contextManager)
  instrumentation.setTracerProvider(tracerProvider)
  instrumentation.enable()
  const http: typeof import('node:http') = require('node:http')

  const server = http.createServer((_request, response) => {
    tracer.span('work', () => response.end('done'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await tracer.span('app', async () => {
    const request = http.get(`http://127.0.0.1:${port}/path`)
    const [response] = await once(request, 'response')
    response.resume()
    await once(response, 'end')
  })
  server.close()
  await once(server, 'close')

  const find = (name: string, kind: SpanKind) =>
    sink.spans.find((span) => span.name === name && span.kind === kind)
  const app = find('app', SpanKind.INTERNAL)
  const client = find('GET', SpanKind.CLIENT)
  const served = find('GET', SpanKind.SERVER)
  const work = find('work', SpanKind.INTERNAL)
  assert.equal(sink.spans.length, 4)
  assert.equal(client?.scope.name, '@opentelemetry/instrumentation-http')
  assert.equal(client.parentSpanId, app?.spanId)
  assert.equal(client.traceId, app?.traceId)
  assert.equal(work?.parentSpanId, served?.spanId)
  assert.equal(work?.traceId, served?.traceId)
  assert.ok(Object.keys(served?.attributes ?? {}).length > 3)
})
