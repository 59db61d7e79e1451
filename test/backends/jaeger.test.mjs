// Checks the harness itself: spans written by hand go into the real Jaeger and come back.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { given } from './given.mjs'
import { edgesOf, JaegerQuery, parentOf, serviceOf, tagOf } from './jaeger/query.mjs'
import { waitFor } from './wait-for.mjs'

const { jaeger, describe, it, before } = given('jaeger')

const kind = { internal: 1, server: 2, client: 3 }
const error = 2

const suffix = randomBytes(4).toString('hex')
const shop = `shop-${suffix}`
const stock = `stock-${suffix}`
const traceId = randomBytes(16).toString('hex')
const startMs = Date.now()

function span(name, fields) {
  return {
    traceId,
    spanId: randomBytes(8).toString('hex'),
    name,
    startTimeUnixNano: `${startMs}000000`,
    endTimeUnixNano: `${startMs + 25}000000`,
    ...fields,
  }
}

function resourceSpans(service, spans) {
  const attributes = [{ key: 'service.name', value: { stringValue: service } }]
  return { resource: { attributes }, scopeSpans: [{ scope: { name: 'by-hand' }, spans }] }
}

describe('the real Jaeger', () => {
  const query = new JaegerQuery(jaeger.queryUrl)
  const root = span('GET /cart', { kind: kind.server })
  const call = span('GET', { kind: kind.client, parentSpanId: root.spanId })
  const remote = span('GET /items', {
    kind: kind.server,
    parentSpanId: call.spanId,
    attributes: [{ key: 'http.response.status_code', value: { intValue: '500' } }],
    status: { code: error, message: 'out of stock' },
  })

  before(async () => {
    const response = await fetch(`${jaeger.otlpUrl}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        resourceSpans: [resourceSpans(shop, [root, call]), resourceSpans(stock, [remote])],
      }),
    })
    assert.equal(response.status, 200, await response.text())
    await waitFor('the trace to be stored', async () => (await query.trace(traceId))?.spans.length === 3)
  })

  it('lists the services', async () => {
    const services = await query.services()
    assert.ok(services.includes(shop) && services.includes(stock), services.join(', '))
  })

  it('keeps parents and children across services', async () => {
    const trace = await query.trace(traceId)
    assert.deepEqual(edgesOf(trace), [
      `${shop}: GET -> ${stock}: GET /items`,
      `${shop}: GET /cart -> ${shop}: GET`,
    ])
    const [first] = trace.spans.filter((span) => parentOf(trace, span) === undefined)
    assert.equal(first.operationName, 'GET /cart')
    assert.equal(serviceOf(trace, first), shop)
  })

  it('shows the error, the kind, the attributes and the times', async () => {
    const found = (await query.trace(traceId)).spans.find(({ spanID }) => spanID === remote.spanId)
    assert.equal(tagOf(found, 'error'), true)
    assert.equal(tagOf(found, 'otel.status_description'), 'out of stock')
    assert.equal(tagOf(found, 'span.kind'), 'server')
    assert.equal(tagOf(found, 'http.response.status_code'), 500)
    assert.equal(found.startTime, startMs * 1000)
    assert.equal(found.duration, 25_000)
  })

  it('gives the same trace back as OTLP', async () => {
    const { resourceSpans } = await query.otlpTrace(traceId)
    const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    assert.deepEqual(
      spans.map(({ spanId }) => spanId).sort(),
      [root, call, remote].map(({ spanId }) => spanId).sort(),
    )
    assert.equal(spans.find(({ spanId }) => spanId === remote.spanId).status.code, error)
  })

  it('finds traces by service, operation and tag', async () => {
    const withStatus = (status) =>
      query.findTraces({
        service: stock,
        operation: 'GET /items',
        tags: { 'http.response.status_code': status },
      })
    const found = await withStatus('500')
    assert.deepEqual(
      found.map(({ traceID }) => traceID),
      [traceId],
    )
    assert.deepEqual(await withStatus('404'), [])
  })

  it('answers for a trace that it does not have', async () => {
    const unknown = randomBytes(16).toString('hex')
    assert.equal(await query.trace(unknown), undefined)
    assert.equal(await query.otlpTrace(unknown), undefined)
  })
})
