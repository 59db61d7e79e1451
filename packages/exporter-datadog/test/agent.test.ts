import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { PushTraces, SendResult } from '@hashira/core'
import { createPipeline } from '@hashira/delivery'
import { datadog } from '@hashira/exporter-datadog'
import { AgentLink } from '../dist/agent/agent-link.js'
import { LEAST_OFFER } from '../dist/agent/agent-offer.js'
import { TraceTransport } from '../dist/agent/trace-transport.js'
import { sampling } from '../dist/sampling/sampling-state.js'
import { DatadogSpanEncoder } from '../dist/spans/datadog-span-encoder.js'
import { identityOf } from '../dist/spans/identity.js'
import { decodeAny, decodeBatch } from './decode'
import { FakeAgent } from './fake-agent'
import { record, resource } from './records'
import { waitFor } from './wait-for'

const never = new AbortController().signal
const FULL = {
  endpoints: ['/v0.3/traces', '/v0.4/traces', '/v0.5/traces', '/v0.6/stats', '/v1.0/traces'],
  span_events: true,
  peer_tags: ['out.host'],
}

describe('the agent', () => {
  let agent: FakeAgent
  const links: AgentLink[] = []

  beforeEach(async () => {
    agent = await new FakeAgent().listen()
  })
  afterEach(async () => {
    for (const link of links.splice(0)) link.close()
    await agent.close()
    sampling.rates.reset()
    sampling.takeDropped()
  })

  function connect(url = agent.url) {
    const address = url.startsWith('unix://')
      ? { url: 'http://localhost', socketPath: url.slice(7) }
      : { url }
    const link = new AgentLink({ address, retryMs: 20 })
    links.push(link)
    const transport = new TraceTransport({
      link,
      headers: { 'datadog-meta-lang': 'nodejs' },
      timeoutMs: 5_000,
    })
    const encoder = new DatadogSpanEncoder(identityOf(resource, { tags: [] }), () => link.offer)
    const send = (): Promise<SendResult> => {
      encoder.append(record())
      return transport.send(encoder.take(), never)
    }
    return { link, transport, encoder, send }
  }

  it('gets 0.4 until it has said what it takes, then the newest', async () => {
    agent.info = FULL
    const { link, send } = connect()
    assert.deepEqual(link.offer, LEAST_OFFER)
    assert.equal((await send()).outcome, 'delivered')
    link.start()
    await waitFor(() => link.offer.version === '1.0')
    assert.deepEqual(link.offer, {
      version: '1.0',
      hasEvents: true,
      hasStatistics: true,
      peerTags: ['out.host'],
    })
    assert.equal((await send()).outcome, 'delivered')
    const [first, second] = agent.payloads
    assert.equal(first!.path, '/v0.4/traces')
    assert.equal(first!.method, 'PUT')
    assert.equal(first!.headers['x-datadog-trace-count'], '1')
    assert.equal(first!.headers['content-type'], 'application/msgpack')
    assert.equal(first!.headers['datadog-client-computed-top-level'], 'yes')
    assert.equal(first!.headers['datadog-client-computed-stats'], undefined)
    assert.equal(second!.path, '/v1.0/traces')
    assert.equal(second!.headers['datadog-client-computed-stats'], 'yes')
    const head = Buffer.alloc(8)
    assert.equal(decodeBatch(Buffer.concat([head, second!.body]), '1.0')[0]!.spans.length, 1)
  })

  it('is asked again until it answers, and when its state changes', async () => {
    agent.statuses.set('/info', 500)
    const { link, send } = connect()
    link.start()
    await waitFor(() => agent.requests.length >= 2)
    assert.equal(link.offer.version, '0.4')
    agent.info = { endpoints: ['/v0.4/traces', '/v0.5/traces'] }
    agent.statuses.clear()
    await waitFor(() => link.offer.version === '0.5')
    await send()
    agent.info = { endpoints: ['/v0.4/traces'] }
    agent.state = 'b'
    await send()
    await waitFor(() => link.offer.version === '0.4')
  })

  it('that is from before /info takes 0.4 and no statistics', async () => {
    agent.statuses.set('/info', 404)
    const { link } = connect()
    link.start()
    await waitFor(() => agent.requests.length > 0)
    assert.deepEqual(link.offer, LEAST_OFFER)
  })

  it('that was replaced by an older one: what it refuses is a counted drop, the next batch is 0.4', async () => {
    agent.info = FULL
    const { link, send } = connect()
    link.start()
    await waitFor(() => link.offer.version === '1.0')
    agent.statuses.set('/v1.0/traces', 404)
    agent.info = { endpoints: ['/v0.4/traces'] }
    const refused = await send()
    assert.deepEqual([refused.outcome, 'reason' in refused && refused.reason], ['drop', 'http_404'])
    assert.equal(link.offer.version, '0.4')
    assert.equal((await send()).outcome, 'delivered')
  })

  it('says 429 and is asked again, 400 and 413 and is not', async () => {
    const { send } = connect()
    const expected = [
      [429, 'retry'],
      [503, 'retry'],
      [408, 'retry'],
      [400, 'drop'],
      [413, 'drop'],
      [415, 'drop'],
    ] as const
    for (const [status, outcome] of expected) {
      agent.statuses.set('/v0.4/traces', status)
      const result = await send()
      assert.deepEqual([result.outcome, 'reason' in result && result.reason], [outcome, `http_${status}`])
    }
  })

  it('sets the rates with each answer; nonsense changes nothing', async () => {
    const { send } = connect()
    agent.rates = { 'service:shop,env:prod': 0.25, 'service:,env:': 0.5, 'service:x,env:': 7 }
    await send()
    assert.equal(sampling.rates.rate('shop', 'prod'), 0.25)
    assert.equal(sampling.rates.rate('shop', 'test'), 0.5)
    assert.equal(sampling.rates.rate('x', ''), 0.5)
    agent.rates = 'none' as unknown as Record<string, number>
    await send()
    assert.equal(sampling.rates.rate('shop', 'prod'), 0.25)
    assert.equal(sampling.rates.rate('shop', 'prod', Date.now() - 60_000), undefined)
  })

  it('is told what the sampler dropped, once', async () => {
    const { send } = connect()
    sampling.droppedTrace()
    sampling.droppedSpan()
    sampling.droppedSpan()
    agent.statuses.set('/v0.4/traces', 503)
    await send()
    agent.statuses.clear()
    await send()
    await send()
    const dropped = agent.payloads.map(({ headers }) => [
      headers['datadog-client-dropped-p0-traces'],
      headers['datadog-client-dropped-p0-spans'],
    ])
    assert.deepEqual(dropped, [
      ['1', '2'],
      ['1', '2'],
      [undefined, undefined],
    ])
  })

  it('listens on a unix socket as well', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'apm-'))
    const local = await new FakeAgent().listen(join(folder, 'apm.socket'))
    local.info = FULL
    const { link, transport, send } = connect(local.url)
    link.start()
    await waitFor(() => link.offer.version === '1.0')
    assert.equal((await send()).outcome, 'delivered')
    assert.equal(transport.destination, `unix://${join(folder, 'apm.socket')}`)
    await local.close()
    rmSync(folder, { recursive: true })
  })

  it('bytes that are no batch are dropped, not sent', async () => {
    const { transport } = connect()
    const result = await transport.send({ bytes: Buffer.from('hello world'), itemCount: 1 }, never)
    assert.equal(result.outcome, 'drop')
    assert.equal(agent.requests.length, 0)
  })

  it('gets what is left when the process exits as one request', () => {
    const { transport, encoder } = connect()
    encoder.append(record())
    const request = transport.toRequest(encoder.take())
    assert.ok('url' in request)
    assert.equal(request.url, `${agent.url}/v0.4/traces`)
    assert.equal(decodeAny(request.body).length, 1)
  })

  it('that is down from the start gets everything when it is there, and the account adds up', async () => {
    const { transport, encoder } = connect()
    await agent.close()
    const pipeline = createPipeline({
      exporter: 'datadog',
      signal: 'traces',
      encoder,
      transport,
      limits: { maxBatchItems: 10, intervalMs: 10 },
      retry: { initialMs: 10, maxMs: 20 },
    })
    for (let i = 0; i < 95; i++) pipeline.append(record())
    assert.equal(await pipeline.flush(Date.now() + 100), false)
    assert.equal(pipeline.account().pending, 95)
    const port = Number(new URL(agent.url).port)
    const back = new FakeAgent()
    await back.listen(undefined, port)
    assert.equal(await pipeline.flush(Date.now() + 10_000), true)
    const { ended, delivered, pending, dropped } = pipeline.account()
    assert.deepEqual(
      { ended, delivered, pending, dropped },
      { ended: 95, delivered: 95, pending: 0, dropped: {} },
    )
    await pipeline.shutdown(Date.now() + 1_000)
    await back.close()
  })
})

describe('the exporter', () => {
  it('sends spans, and statistics about all of them once the agent takes them', async () => {
    const agent = await new FakeAgent().listen()
    agent.info = FULL
    const exporter = datadog({ agentUrl: agent.url, env: 'test' })
    const traces = exporter.traces as PushTraces
    const encoder = traces.createEncoder(resource)
    // Before the agent has answered it makes its own statistics: nothing is counted here.
    traces.observer!.onEnd(record(), true)
    encoder.append(record())
    const first = encoder.take()
    await waitFor(() => agent.requests.some(({ path }) => path === '/info'))
    await waitFor(() => (encoder as DatadogSpanEncoder).offer.hasStatistics)
    for (let i = 0; i < 3; i++) traces.observer!.onEnd(record(), false)
    traces.observer!.onEnd(record(), true)
    encoder.append(record())
    for (const batch of [first, encoder.take()])
      assert.equal((await traces.transport.send(batch, never)).outcome, 'delivered')
    const { statistics } = traces
    const batches = [...statistics!.encode({ families: [], failures: [], timeUnixMs: 0 }, resource)]
    for (const batch of batches)
      assert.equal((await statistics!.transport.send(batch!, never)).outcome, 'delivered')
    const [before, after, stats] = agent.payloads
    assert.equal(before!.headers['datadog-client-computed-stats'], undefined)
    assert.equal(after!.headers['datadog-client-computed-stats'], 'yes')
    assert.equal(after!.headers['datadog-client-dropped-p0-spans'], undefined)
    assert.equal(before!.headers['datadog-client-dropped-p0-spans'], '3')
    assert.equal(stats!.path, '/v0.6/stats')
    const payload = decodeAny(stats!.body)
    assert.equal(payload.Env, 'test')
    assert.equal(payload.Stats[0].Stats[0].Hits, 4)
    assert.deepEqual([...statistics!.encode({ families: [], failures: [], timeUnixMs: 0 }, resource)], [])
    traces.transport.close!()
    statistics!.transport.close!()
    await agent.close()
  })
})
