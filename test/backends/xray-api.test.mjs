// The signed ways to X-Ray: PutTraceSegments to moto, and what moto stored. moto takes any signature; that ours are right is checked by
// packages/aws and packages/exporter-xray with a server that verifies them.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { AttributeList } from '@hashira/core'
import { createPipeline } from '@hashira/delivery'
import { xray } from '@hashira/exporter-xray'
import { given } from './given.mjs'
import { MotoApi } from './moto/api.mjs'

const { moto, describe, it } = given('moto')

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
const startSeconds = Math.floor(Date.now() / 1000)
const newTraceId = () => startSeconds.toString(16) + randomBytes(12).toString('hex')
const xrayId = (traceId) => `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`

function record(given) {
  return {
    spanId: randomBytes(8).toString('hex'),
    parentSpanId: undefined,
    parentIsRemote: false,
    traceFlags: 1,
    traceState: undefined,
    isLocalRoot: true,
    scope: { name: 'test', version: undefined, schemaUrl: undefined },
    kind: 1,
    name: 'GET /',
    startSeconds,
    startNanos: 0,
    endSeconds: startSeconds,
    endNanos: 250_000_000,
    attributes: new AttributeList(['http.request.method', 'GET', 'note', 'Grüße 柱']),
    events: [],
    links: [],
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    statusCode: 0,
    statusMessage: undefined,
    ...given,
  }
}

function pipelineOf() {
  const options = { via: 'api', region: 'us-east-1', endpoint: moto.url, credentials }
  const { transport, limits, createEncoder } = xray(options).traces
  const encoder = createEncoder({ attributes: new AttributeList(['service.name', 'shop']) })
  return createPipeline({ exporter: 'xray', signal: 'traces', encoder, transport, limits })
}

describe('PutTraceSegments', () => {
  it('moto takes signed segments and gives them back', async () => {
    const traceId = newTraceId()
    const root = record({ traceId })
    const child = record({ traceId, isLocalRoot: false, parentSpanId: root.spanId, kind: 0, name: 'charge' })
    const pipeline = pipelineOf()
    pipeline.append(child)
    pipeline.append(root)
    await pipeline.shutdown(Date.now() + 20_000)
    const { delivered, dropped } = pipeline.account()
    assert.deepEqual({ delivered, dropped }, { delivered: 2, dropped: {} })
    const documents = await new MotoApi(moto.url, { region: 'us-east-1' }).segments(xrayId(traceId))
    const common = { trace_id: xrayId(traceId), start_time: startSeconds, end_time: startSeconds + 0.25 }
    const ordered = documents.sort((a, b) => (a.name < b.name ? -1 : 1))
    assert.deepEqual(ordered, [
      {
        ...common,
        name: 'charge',
        id: child.spanId,
        parent_id: root.spanId,
        type: 'subsegment',
        http: { request: { method: 'GET' } },
        metadata: { default: { note: 'Grüße 柱' } },
      },
      {
        ...common,
        name: 'shop',
        id: root.spanId,
        http: { request: { method: 'GET' } },
        aws: ordered[1].aws,
        metadata: {
          default: { note: 'Grüße 柱', 'otel.span.name': 'GET /', 'otel.resource.service.name': 'shop' },
        },
      },
    ])
  })

  it('delivers 500 spans in requests of 50', async () => {
    const traceId = newTraceId()
    const pipeline = pipelineOf()
    for (let i = 0; i < 500; i++) pipeline.append(record({ traceId }))
    await pipeline.shutdown(Date.now() + 30_000)
    assert.equal(pipeline.account().delivered, 500)
    const documents = await new MotoApi(moto.url, { region: 'us-east-1' }).segments(xrayId(traceId))
    assert.equal(documents.length, 500)
  })
})
