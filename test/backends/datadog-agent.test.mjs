// What the exporter sends, decoded by the Datadog agent's own receiver, field by field; its rates, and statistics about all spans.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { datadog } from '@hashira/exporter-datadog'
import { trace } from '@opentelemetry/api'
import { start } from 'hashira'
import { decimal, links, recordTrace, startSeconds } from './datadog-agent/record-trace.mjs'
import { readPayloads, startAgent } from './datadog-agent/start.mjs'
import { given } from './given.mjs'
import { waitFor } from './wait-for.mjs'

const { 'datadog-agent': agent, describe, it, after } = given('datadog-agent')

const nanos = (rest) => String(BigInt(startSeconds) * 1_000_000_000n + BigInt(rest))
const newService = () => `shop-${randomBytes(4).toString('hex')}`

/** Starts Hashira with nothing but Datadog, and waits until the agent has said what it takes. */
async function startWith(url, service, options = {}) {
  const exporter = datadog({ agentUrl: url, env: 'test', tags: { team: 'core' }, ...options })
  const hashira = start({ serviceName: service, exporters: [], tracesExporters: [exporter], quiet: true })
  await waitFor(
    'the sampler to record everything',
    () => exporter.sampler.sampleByTrace('1'.repeat(32), { traceFlags: 0 }) === 1,
  )
  return hashira
}

const chunksOf = (file, service) =>
  readPayloads(file)
    .filter(({ kind }) => kind === 'traces')
    .flatMap((payload) => payload.chunks.map((chunk) => ({ ...chunk, payload })))
    .filter(({ spans }) => spans[0].service === service)

const groupsOf = (file, service) =>
  readPayloads(file)
    .filter(({ kind, payload }) => kind === 'stats' && payload.service === service)
    .flatMap(({ payload, sketches }) => {
      const groups = payload.stats.flatMap((bucket) => bucket.stats)
      return groups.map((group, i) => ({ ...group, sketches: sketches[i] }))
    })

/** Tags of any version in one form. */
const tagsOf = (span) => span.attributes ?? { ...span.meta, ...span.metrics }

describe('the real Datadog agent', () => {
  const own = []
  after(() => Promise.all(own.map(({ stop }) => stop())))

  for (const version of ['1.0', '0.5', '0.4']) {
    it(`reads ${version} as it was recorded`, async () => {
      const service = newService()
      const hashira = await startWith(
        agent.url,
        service,
        version === '1.0' ? {} : { protocolVersion: version },
      )
      const ids = recordTrace()
      const status = await hashira.shutdown({ timeoutMs: 10_000 })
      assert.equal(JSON.stringify(status).includes('http_4'), false, JSON.stringify(status))
      const [chunk, ...others] = await waitFor('the trace', () => {
        const found = chunksOf(agent.payloadsFile, service)
        return found.length > 0 && found
      })
      assert.equal(others.length, 0)
      const { payload, spans } = chunk
      assert.equal(payload.version, `v${version}`)
      assert.equal(payload.topLevel, true)
      assert.equal(payload.stats, true)
      assert.equal(payload.language, 'nodejs')
      assert.deepEqual(
        spans.map(({ spanID }) => spanID),
        [ids.call, ids.compute, ids.root].map(decimal),
      )
      const [call, compute, root] = spans
      const [noError, anError] = version === '1.0' ? [false, true] : [0, 1]
      const fields = (span, expected) => {
        for (const [key, value] of Object.entries({ service, error: noError, ...expected }))
          assert.deepEqual(span[key], value, key)
      }
      fields(root, { name: 'http.server.request', resource: 'GET /users/:id', type: 'web', parentID: '0' })
      fields(root, { start: nanos(5), duration: '50000000' })
      fields(call, {
        name: 'http.client.request',
        resource: 'GET',
        type: 'http',
        parentID: decimal(ids.root),
        error: anError,
      })
      fields(call, { start: nanos(1_000_000), duration: '30000000', error: anError })
      fields(compute, { name: 'internal', resource: 'sum up', type: 'custom', parentID: decimal(ids.root) })
      fields(compute, { start: nanos(32_000_000), duration: '1000000' })
      checkTags(version, { root: tagsOf(root), call: tagsOf(call), compute: tagsOf(compute) }, ids)
      checkChunk(version, chunk, ids)
      checkEvents(version, call)
    })
  }

  function checkTags(version, { root, call, compute }, ids) {
    const onSpan = (kind) =>
      version === '1.0'
        ? { team: 'core' }
        : { team: 'core', env: 'test', component: 'my-lib', 'span.kind': kind }
    const pick = (tags, like) => Object.fromEntries(Object.keys(like).map((key) => [key, tags[key]]))
    const expected = {
      ...onSpan('server'),
      'http.method': 'GET',
      'http.route': '/users/:id',
      'http.status_code': '200',
      'http.url': 'http://shop.example:8080/users/7',
      'user.näme': 'Zoë 😀',
      ratio: 0.25,
      cached: 1,
      list: '["a","b"]',
      '_dd.top_level': 1,
      '_dd.measured': 1,
      '_dd.agent_psr': 1,
      language: 'javascript',
      process_id: process.pid,
    }
    assert.deepEqual(pick(root, expected), expected)
    for (const part of ['url.path', 'url.scheme', 'server.address', 'server.port', 'service.name'])
      assert.equal(root[part], undefined, part)
    const called = {
      ...onSpan('client'),
      'http.method': 'GET',
      'http.url': 'http://stock/items',
      'http.status_code': '503',
      'out.host': 'stock',
      'error.type': 'StockError',
      'error.message': 'out of störck',
      'error.stack': 'at stock.js:1',
      '_dd.measured': 1,
      '_dd.top_level': undefined,
    }
    assert.deepEqual(pick(call, called), called)
    const { version: appVersion, ...computed } = compute
    assert.deepEqual(computed, onSpan('internal'), `${ids.traceId} ${appVersion}`)
  }

  function checkChunk(version, chunk, { traceId }) {
    const first = tagsOf(chunk.spans[0])
    if (version === '1.0') {
      assert.equal(chunk.traceID, traceId)
      assert.equal(chunk.priority, 1)
      assert.equal(chunk.payload.env, 'test')
      assert.equal(chunk.payload.runtimeID.length, 36)
      for (const span of chunk.spans) assert.deepEqual([span.component, span.env], ['my-lib', 'test'])
      assert.deepEqual(
        chunk.spans.map(({ spanKind }) => spanKind),
        ['client', 'internal', 'server'],
      )
      return
    }
    for (const span of chunk.spans) assert.equal(span.traceID, decimal(traceId.slice(16)))
    assert.equal(first['_dd.p.tid'], traceId.slice(0, 16))
    assert.equal(first['_sampling_priority_v1'], 1)
    assert.equal(first['runtime-id'].length, 36)
    assert.equal(tagsOf(chunk.spans[2])['_dd.p.dm'], '-0')
  }

  function checkEvents(version, call) {
    const [{ context, attributes }] = links
    const exception = {
      'exception.type': 'StockError',
      'exception.message': 'out of störck',
      'exception.stacktrace': 'at stock.js:1',
    }
    if (version === '1.0') {
      assert.deepEqual(call.events, [{ name: 'exception', time: nanos(2_000_000), attributes: exception }])
      const { spanID, traceID, flags } = call.links[0]
      assert.deepEqual(
        { spanID, traceID, flags, attributes: call.links[0].attributes },
        {
          ...{ spanID: decimal(context.spanId), traceID: context.traceId, flags: 0x8000_0001, attributes },
        },
      )
      return
    }
    const linked = JSON.parse(call.meta['_dd.span_links'])
    assert.deepEqual(linked, [{ trace_id: context.traceId, span_id: context.spanId, attributes, flags: 1 }])
    if (version === '0.4') {
      const [event] = call.events
      assert.equal(event.name, 'exception')
      assert.deepEqual(
        Object.fromEntries(Object.entries(event.attributes).map(([key, value]) => [key, value.string_value])),
        exception,
      )
    } else assert.deepEqual(JSON.parse(call.meta.events)[0].attributes, exception)
  }

  it('that does not offer 1.0 gets 0.5', async () => {
    const other = await startAgent({ program: agent.binary, v10: false })
    own.push(other)
    const service = newService()
    const hashira = await startWith(other.url, service)
    recordTrace()
    await hashira.shutdown({ timeoutMs: 10_000 })
    const [chunk] = await waitFor('the trace', () => {
      const found = chunksOf(other.payloadsFile, service)
      return found.length > 0 && found
    })
    assert.equal(chunk.payload.version, 'v0.5')
  })

  it('sets the rate of a service; statistics count every span all the same, with percentiles right to one percent', async () => {
    const other = await startAgent({ program: agent.binary })
    own.push(other)
    const service = newService()
    const setRate = (Rate) =>
      fetch(other.ratesUrl, {
        method: 'POST',
        body: JSON.stringify([{ Service: service, Env: 'test', Rate }]),
      })
    await setRate(0.1)
    const hashira = await startWith(other.url, service)
    recordTrace()
    await hashira.flush(Date.now() + 10_000)
    await waitFor('the first trace', () => chunksOf(other.payloadsFile, service).length > 0)
    const tracer = trace.getTracer('my-lib')
    // Not before the rate came, which a root tells with it.
    const seconds = Math.ceil(Date.now() / 1_000) + 1
    for (let i = 1; i <= 1_000; i++)
      tracer.startSpan('job', { startTime: [seconds, 0] }).end([seconds, i * 100_000])
    await hashira.shutdown({ timeoutMs: 10_000 })
    const jobs = await waitFor('the statistics', () => {
      const found = groupsOf(other.payloadsFile, service).filter(({ resource }) => resource === 'job')
      return found.reduce((sum, { hits }) => sum + hits, 0) === 1_000 && found
    })
    assert.equal(jobs.length, 1)
    const [{ sketches, topLevelHits, duration, errors = 0 }] = jobs
    assert.deepEqual(
      { topLevelHits, duration, errors },
      { topLevelHits: 1_000, duration: 1e5 * 500_500, errors: 0 },
    )
    const exact = [1e5, 5e7, 9.5e7, 1e8]
    for (const [i, read] of sketches.ok.quantiles.entries())
      assert.ok(Math.abs(read - exact[i]) <= exact[i] * 0.0105, `${read}, not ${exact[i]}`)
    const kept = await waitFor('every trace to be kept or dropped', () => {
      const chunks = chunksOf(other.payloadsFile, service)
      const jobs = chunks.filter(({ spans }) => spans[0].resource === 'job')
      return jobs.length + Math.max(...chunks.map(({ payload }) => payload.dropped)) === 1_000 && jobs
    })
    assert.ok(kept.length > 50 && kept.length < 160, `${kept.length} of 1,000`)
    for (const { spans, mechanism } of kept) {
      assert.equal(tagsOf(spans[0])['_dd.agent_psr'], 0.1)
      assert.equal(mechanism, 1)
    }
  })
})
