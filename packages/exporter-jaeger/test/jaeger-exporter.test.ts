import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, afterEach, before, describe, it } from 'node:test'
import { AttributeList, isHashiraError, type PushTraces, type SpanRecord } from '@hashira/core'
import { createPipeline } from '@hashira/delivery'
import { jaeger } from '@hashira/exporter-jaeger'

const variables = [
  'HASHIRA_JAEGER_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
] as const

describe('jaeger()', () => {
  afterEach(() => {
    for (const name of variables) delete process.env[name]
  })
  const destination = (options?: Parameters<typeof jaeger>[0]) =>
    jaeger(options).traces?.transport.destination

  it('is an exporter of traces only, with the default address of Jaeger', () => {
    const exporter = jaeger()
    assert.equal(exporter.name, 'jaeger')
    assert.equal(exporter.metrics, undefined)
    assert.equal(destination(), 'http://localhost:4318/v1/traces')
  })

  it('takes the first address that is set', () => {
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = 'http://otlp:1'
    assert.equal(destination(), 'http://otlp:1/v1/traces')
    process.env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] = 'http://traces:2/x'
    assert.equal(destination(), 'http://traces:2/x')
    process.env['HASHIRA_JAEGER_ENDPOINT'] = 'http://jaeger:3/base/'
    assert.equal(destination(), 'http://jaeger:3/base/v1/traces')
    assert.equal(destination({ endpoint: 'http://code:4' }), 'http://code:4/v1/traces')
    const both = { endpoint: 'http://code:4', tracesEndpoint: 'http://code:5/y' }
    assert.equal(destination(both), 'http://code:5/y')
  })

  it('refuses options that Jaeger has no use for', () => {
    const unknown = { metricsEndpoint: 'http://x' } as object
    assert.throws(
      () => jaeger(unknown),
      (error) =>
        isHashiraError(error) && error.code === 'HASHIRA_OPTION_UNKNOWN' && /jaeger\(\)/.test(error.message),
    )
    assert.throws(
      () => jaeger({ timeoutMs: -1 }),
      (error) => isHashiraError(error) && error.code === 'HASHIRA_OPTION_INVALID',
    )
  })

  describe('to a server', () => {
    const received: { path: string | undefined; type: string | undefined; body: Buffer }[] = []
    let server: Server
    before(async () => {
      server = createServer(async (request, response) => {
        const chunks: Buffer[] = []
        for await (const chunk of request) chunks.push(chunk)
        received.push({
          path: request.url,
          type: request.headers['content-type'],
          body: Buffer.concat(chunks),
        })
        response.end()
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    })
    after(() => server.close())

    it('sends OTLP protobuf', async () => {
      const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const { transport, limits, createEncoder } = jaeger({ endpoint }).traces as PushTraces
      const encoder = createEncoder({ attributes: new AttributeList(['service.name', 'shop']) })
      const pipeline = createPipeline({ exporter: 'jaeger', signal: 'traces', encoder, transport, limits })
      pipeline.append(record())
      await pipeline.shutdown(Date.now() + 5_000)
      assert.equal(pipeline.account().delivered, 1)
      const [request] = received
      assert.equal(request?.path, '/v1/traces')
      assert.equal(request?.type, 'application/x-protobuf')
      assert.ok(request?.body.includes('service.name'))
      assert.ok(request?.body.includes('GET /users/:id'))
    })
  })
})

function record(): SpanRecord {
  return {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    parentSpanId: undefined,
    parentIsRemote: false,
    traceFlags: 1,
    traceState: undefined,
    isLocalRoot: true,
    scope: { name: '@hashira/http', version: '0.1.0', schemaUrl: undefined },
    kind: 1,
    name: 'GET /users/:id',
    startSeconds: 1_795_411_000,
    startNanos: 0,
    endSeconds: 1_795_411_001,
    endNanos: 0,
    attributes: new AttributeList(),
    events: [],
    links: [],
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    statusCode: 0,
    statusMessage: undefined,
  }
}
