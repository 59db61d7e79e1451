import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, afterEach, before, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { createPipeline } from '@hashira/delivery'
import { type XrayOptions, xray } from '@hashira/exporter-xray'
import { verifySignature } from '../../aws/test/support/sigv4'
import { decodeTraces, encodeTracesResponse } from '../../exporter-otlp/test/otlp-schema'
import { expectedSpan, resource, tidySpan } from '../../exporter-otlp/test/records'
import { attributes, record, SPAN, TRACE } from './support'

const credentials = { accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'token' }

/** X-Ray, as far as signatures go: it answers 403 as AWS does to one that is wrong. */
class Endpoint {
  readonly bodies: Buffer[] = []
  readonly requests: IncomingMessage[] = []
  readonly scopes: string[] = []
  answers: { status: number; body: string | Uint8Array; headers?: Record<string, string> }[] = []
  readonly server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    try {
      const { method, url: target, headers } = request
      this.scopes.push(
        verifySignature({ method: method!, target: target!, headers, body }, credentials.secretAccessKey),
      )
    } catch (error) {
      response
        .writeHead(403)
        .end(JSON.stringify({ __type: 'InvalidSignatureException', message: String(error) }))
      return
    }
    this.requests.push(request)
    this.bodies.push(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body)
    const { status, body: answer, headers } = this.answers.shift() ?? { status: 200, body: '', headers: {} }
    response.writeHead(status, headers).end(answer)
  })
}

describe('signed requests', () => {
  const endpoint = new Endpoint()
  let url: string
  before(async () => {
    await new Promise<void>((resolve) => endpoint.server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(endpoint.server.address() as AddressInfo).port}`
  })
  after(() => endpoint.server.close())
  afterEach(() => {
    endpoint.bodies.length = 0
    endpoint.requests.length = 0
  })

  const pipelineOf = (given: XrayOptions) => {
    const options = { endpoint: url, region: 'eu-west-1', credentials, ...given }
    const { transport, limits, createEncoder } = xray(options).traces!
    const retry = { initialMs: 5, maxMs: 20 }
    const encoder = createEncoder(resource)
    return createPipeline({ exporter: 'xray', signal: 'traces', encoder, transport, limits, retry })
  }

  it("OTLP: protobuf, gzip, decoded by OpenTelemetry's schema", async () => {
    const span = record({ name: 'GET /é' })
    const pipeline = pipelineOf({ via: 'otlp' })
    pipeline.append(span)
    await pipeline.shutdown(Date.now() + 30_000)
    const { delivered, lastError } = pipeline.account()
    assert.equal(delivered, 1, String(lastError))
    const [request] = endpoint.requests
    assert.equal(request!.url, '/v1/traces')
    assert.equal(request!.headers['content-type'], 'application/x-protobuf')
    assert.equal(request!.headers['content-encoding'], 'gzip')
    assert.equal(request!.headers['x-amz-security-token'], 'token')
    assert.match(endpoint.scopes.at(-1)!, /^\d{8}\/eu-west-1\/xray\/aws4_request$/)
    const decoded = decodeTraces(endpoint.bodies[0]!)
    const [scope] = decoded.resourceSpans[0].scopeSpans
    assert.deepEqual(scope.spans.map(tidySpan), [expectedSpan(span)])
  })

  it('OTLP: a span that X-Ray would refuse is dropped alone', async () => {
    const huge = record({ attributes: attributes(['k', 'é'.repeat(100_001)]) })
    const large = record({ attributes: attributes(['k', 'x'.repeat(190_000)]) })
    const pipeline = pipelineOf({ via: 'otlp' })
    for (const span of [record(), huge, large]) pipeline.append(span)
    await pipeline.shutdown(Date.now() + 30_000)
    const { delivered, dropped } = pipeline.account()
    assert.deepEqual({ delivered, dropped }, { delivered: 2, dropped: { encode_error: 1 } })
    const [scope] = decodeTraces(endpoint.bodies[0]!).resourceSpans[0].scopeSpans
    assert.equal(scope.spans.length, 2)
  })

  it('OTLP: partial success is counted', async () => {
    const partialSuccess = { rejectedSpans: 1, errorMessage: 'no' }
    endpoint.answers = [{ status: 200, body: encodeTracesResponse({ partialSuccess }) }]
    const pipeline = pipelineOf({ via: 'otlp' })
    pipeline.append(record())
    pipeline.append(record())
    await pipeline.shutdown(Date.now() + 30_000)
    const { delivered, dropped } = pipeline.account()
    assert.deepEqual({ delivered, dropped }, { delivered: 1, dropped: { rejected: 1 } })
  })

  it('PutTraceSegments: documents as texts', async () => {
    const pipeline = pipelineOf({ via: 'api' })
    pipeline.append(record())
    await pipeline.shutdown(Date.now() + 30_000)
    assert.equal(pipeline.account().delivered, 1, String(pipeline.account().lastError))
    assert.equal(endpoint.requests[0]!.url, '/TraceSegments')
    assert.equal(endpoint.requests[0]!.headers['content-type'], 'application/json')
    const { TraceSegmentDocuments } = JSON.parse(endpoint.bodies[0]!.toString())
    const { id, trace_id } = JSON.parse(TraceSegmentDocuments[0])
    assert.deepEqual({ id, trace_id }, { id: SPAN, trace_id: TRACE })
  })

  it('PutTraceSegments: what X-Ray does not process is dropped and counted', async () => {
    const refused = [{ Id: SPAN, ErrorCode: 'MissingName', Message: 'no name' }]
    endpoint.answers = [{ status: 200, body: JSON.stringify({ UnprocessedTraceSegments: refused }) }]
    const pipeline = pipelineOf({ via: 'api' })
    for (let i = 0; i < 3; i++) pipeline.append(record())
    await pipeline.shutdown(Date.now() + 30_000)
    const { delivered, dropped, lastError } = pipeline.account()
    assert.deepEqual({ delivered, dropped }, { delivered: 2, dropped: { rejected: 1 } })
    assert.match(String(lastError), /MissingName: no name/)
  })

  it('tries again what is throttled, though the status is 400', async () => {
    endpoint.answers = [
      { status: 400, body: '{"__type":"ThrottledException"}' },
      { status: 500, body: '' },
    ]
    const pipeline = pipelineOf({ via: 'api' })
    pipeline.append(record())
    await pipeline.shutdown(Date.now() + 30_000)
    const { delivered, retries } = pipeline.account()
    assert.deepEqual({ delivered, retries }, { delivered: 1, retries: 2 })
  })

  it('drops what is refused, with what AWS says and without secrets', async () => {
    endpoint.answers = [
      { status: 400, body: '{"message":"bad"}', headers: { 'x-amzn-errortype': 'InvalidRequestException' } },
    ]
    const pipeline = pipelineOf({ via: 'api' })
    pipeline.append(record())
    await pipeline.shutdown(Date.now() + 30_000)
    const account = pipeline.account()
    assert.deepEqual(account.dropped, { http_400: 1 })
    assert.equal(account.lastError, 'http_400: InvalidRequestException: bad')
    const wrong = pipelineOf({ via: 'api', credentials: { ...credentials, secretAccessKey: 'geheimnis' } })
    wrong.append(record())
    await wrong.shutdown(Date.now() + 30_000)
    assert.deepEqual(wrong.account().dropped, { http_403: 1 })
    assert.ok(!JSON.stringify(wrong.account()).includes('geheimnis'))
  })

  it('keeps spans while there are no credentials', async () => {
    let asked = 0
    const provider = async () => {
      if (++asked < 3) throw new Error('no role yet')
      return credentials
    }
    const pipeline = pipelineOf({ via: 'otlp', credentials: provider })
    pipeline.append(record())
    await pipeline.shutdown(Date.now() + 30_000)
    const { delivered, retries } = pipeline.account()
    assert.deepEqual({ delivered, retries }, { delivered: 1, retries: 2 })
  })

  it('sends where the region is', () => {
    const to = (options: XrayOptions) => xray({ credentials, ...options }).traces!.transport.destination
    assert.equal(to({ via: 'otlp', region: 'eu-west-1' }), 'https://xray.eu-west-1.amazonaws.com/v1/traces')
    assert.equal(
      to({ via: 'api', region: 'cn-north-1' }),
      'https://xray.cn-north-1.amazonaws.com.cn/TraceSegments',
    )
    assert.equal(to({ via: 'api', region: 'a-1', endpoint: 'http://vpce/x/' }), 'http://vpce/x/TraceSegments')
    assert.throws(() => to({ via: 'otlp' }), { code: 'HASHIRA_OPTION_INVALID', message: /AWS_REGION/ })
  })
})
