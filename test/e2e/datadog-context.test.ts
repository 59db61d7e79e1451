// What Datadog's tracers say in their headers, or in a `tracestate`: through a server to the agent, and on with the calls that it makes.
import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, afterEach, before, describe, it } from 'node:test'
import { rootContext, runInContext, suppressTracing } from '@hashira/core'
import { datadog } from '@hashira/exporter-datadog'
import { observe } from '@hashira/express'
import express from 'express'
import { type Hashira, start } from 'hashira'
import { type DecodedSpan, decodePayload } from '../../packages/exporter-datadog/test/decode.ts'
import { FakeAgent } from '../../packages/exporter-datadog/test/fake-agent.ts'

const LOWER = '8448eb211c80319c'
const UPPER = '640cfd8d00000000'
const PARENT = 'b7ad6b7169203331'
const decimal = (hex: string) => BigInt(`0x${hex}`).toString()

/** Of a caller that has a span. */
const IDS = { 'x-datadog-trace-id': decimal(LOWER), 'x-datadog-parent-id': decimal(PARENT) }

describe("Datadog's context", () => {
  const agent = new FakeAgent()
  const called: IncomingHttpHeaders[] = []
  const other = createServer((request, response) => {
    called.push(request.headers)
    response.end()
  })
  let app: Server
  let hashira: Hashira

  before(async () => {
    await agent.listen()
    await listen(other)
    hashira = start({
      serviceName: 'shop',
      exporters: [{ ...datadog({ agentUrl: agent.url, env: 'test' }), metrics: undefined }],
      propagators: ['datadog', 'tracecontext'],
      quiet: true,
      handleSignals: false,
    })
    const shop = express()
    shop.use(observe())
    shop.get('/orders/:id', async (_request, response) => {
      await fetch(urlOf(other))
      response.json({})
    })
    app = createServer(shop)
    await listen(app)
  })
  after(async () => {
    await hashira.shutdown({ timeoutMs: 5_000 })
    for (const server of [app, other]) {
      server.closeAllConnections()
      server.close()
    }
    await agent.close()
  })
  afterEach(() => {
    called.length = 0
    agent.requests.length = 0
  })

  /** The spans of the one request, the server's first, and the headers of the call that it made. */
  async function seen(headers: Record<string, string>) {
    // The caller is no part of what is observed here.
    const answer = runInContext(suppressTracing(rootContext), () =>
      fetch(`${urlOf(app)}/orders/7`, { headers }),
    )
    await (await answer).text()
    await hashira.flush({ timeoutMs: 10_000 })
    const spans = agent.payloads
      .filter(({ path }) => path === '/v0.4/traces')
      .flatMap(({ body }) => decodePayload(body, '0.4'))
      .flatMap((chunk) => chunk.spans)
      .filter(({ traceId }) => traceId === BigInt(`0x${LOWER}`))
    const server = spans.find(({ texts }) => texts['span.kind'] === 'server')
    const client = spans.find(({ texts }) => texts['span.kind'] === 'client')
    return { spans, server, client, sent: called[0]! }
  }

  it('a user keep, its origin and tags stand on the spans and travel on', async () => {
    const tags = `_dd.p.dm=-4,_dd.p.tid=${UPPER},_dd.p.usr=dXNlcg==`
    const priority = { 'x-datadog-sampling-priority': '2', 'x-datadog-origin': 'synthetics-browser' }
    const { spans, server, client, sent } = await seen({ ...IDS, ...priority, 'x-datadog-tags': tags })
    assert.equal(spans.length, 2)
    assert.equal(server!.parentId, BigInt(`0x${PARENT}`))
    for (const { texts } of spans) assert.equal(texts['_dd.origin'], 'synthetics-browser')
    assert.equal(server!.texts['_dd.p.dm'], '-4')
    assert.equal(server!.texts['_dd.p.usr'], 'dXNlcg==')
    assert.equal(server!.numbers['_sampling_priority_v1'], 2)
    assert.equal(upperOf(spans), UPPER)
    assert.equal(server!.texts['w3c.tracestate'], undefined)

    assert.equal(sent['x-datadog-trace-id'], decimal(LOWER))
    assert.equal(sent['x-datadog-parent-id'], String(client!.spanId))
    assert.equal(sent['x-datadog-sampling-priority'], '2')
    assert.equal(sent['x-datadog-origin'], 'synthetics-browser')
    assert.equal(sent['x-datadog-tags'], `_dd.p.tid=${UPPER},_dd.p.dm=-4,_dd.p.usr=dXNlcg==`)
    assert.equal(sent['tracestate'], 'dd=s:2;o:synthetics-browser;t.dm:-4;t.usr:dXNlcg~~')
  })

  it('a user reject: no span is sent, and the next service is told the same', async () => {
    const { spans, sent } = await seen({ ...IDS, 'x-datadog-sampling-priority': '-1' })
    assert.deepEqual(spans, [])
    assert.equal(sent['x-datadog-trace-id'], decimal(LOWER))
    assert.equal(sent['x-datadog-sampling-priority'], '-1')
    assert.equal(sent['tracestate'], 'dd=s:-1')
  })

  it('a browser begins the trace without a span', async () => {
    const { spans, server, sent } = await seen({
      'x-datadog-trace-id': decimal(LOWER),
      'x-datadog-parent-id': '0',
      'x-datadog-sampling-priority': '1',
      'x-datadog-origin': 'rum',
    })
    assert.equal(server!.parentId, 0n)
    for (const { texts } of spans) assert.equal(texts['_dd.origin'], 'rum')
    assert.equal(server!.numbers['_sampling_priority_v1'], 1)
    assert.equal(server!.numbers['_dd.agent_psr'], undefined, 'the rate of this process did not decide')
    assert.equal(sent['x-datadog-origin'], 'rum')
    assert.equal(sent['x-datadog-sampling-priority'], '1')
  })

  it('a tracestate says the same as the headers', async () => {
    const { spans, server, sent } = await seen({
      traceparent: `00-${UPPER}${LOWER}-${PARENT}-01`,
      tracestate: 'dd=s:2;o:rum;p:00f067aa0ba902b7;t.dm:-4;t.usr:dXNlcg~~,other=1',
    })
    for (const { texts } of spans) assert.equal(texts['_dd.origin'], 'rum')
    assert.equal(server!.texts['_dd.p.dm'], '-4')
    assert.equal(server!.texts['_dd.p.usr'], 'dXNlcg==')
    assert.equal(server!.numbers['_sampling_priority_v1'], 2)
    assert.equal(sent['x-datadog-sampling-priority'], '2')
    assert.equal(sent['x-datadog-origin'], 'rum')
    assert.equal(sent['x-datadog-tags'], `_dd.p.tid=${UPPER},_dd.p.dm=-4,_dd.p.usr=dXNlcg==`)
    assert.equal(sent['tracestate'], 'dd=s:2;o:rum;p:00f067aa0ba902b7;t.dm:-4;t.usr:dXNlcg~~,other=1')
  })
})

function upperOf(spans: readonly DecodedSpan[]): string | undefined {
  return spans.find(({ texts }) => texts['_dd.p.tid'] !== undefined)?.texts['_dd.p.tid']
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
}
