// Checks the harness itself: spans written by hand go into the real Zipkin and come back.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { given } from './given.mjs'
import { waitFor } from './wait-for.mjs'
import { ZipkinQuery } from './zipkin/query.mjs'

const { zipkin, describe, it, before } = given('zipkin')

const suffix = randomBytes(4).toString('hex')
const shop = `shop-${suffix}`
const stock = `stock-${suffix}`
const traceId = randomBytes(16).toString('hex')
const callId = randomBytes(8).toString('hex')
const timestamp = Date.now() * 1000

const call = {
  traceId,
  id: callId,
  kind: 'CLIENT',
  name: 'get',
  timestamp,
  duration: 2000,
  localEndpoint: { serviceName: shop },
}
const remote = {
  traceId,
  id: callId,
  shared: true,
  kind: 'SERVER',
  name: 'get /items',
  timestamp: timestamp + 500,
  duration: 1000,
  localEndpoint: { serviceName: stock },
  tags: { 'http.path': '/items', error: 'out of stock' },
}

describe('the real Zipkin', () => {
  const query = new ZipkinQuery(zipkin.url)

  before(async () => {
    const response = await fetch(`${zipkin.url}/api/v2/spans`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([call, remote]),
    })
    assert.equal(response.status, 202, await response.text())
    await waitFor('the trace to be stored', async () => (await query.trace(traceId))?.length === 2)
  })

  it('gives the spans back as they were', async () => {
    const spans = await query.trace(traceId)
    assert.deepEqual(
      spans.find(({ kind }) => kind === 'CLIENT'),
      call,
    )
    assert.deepEqual(
      spans.find(({ kind }) => kind === 'SERVER'),
      remote,
    )
  })

  it('finds traces by service and tag', async () => {
    assert.ok((await query.services()).includes(stock))
    const found = await query.traces({ service: stock, annotationQuery: 'http.path=/items' })
    assert.deepEqual(
      found.map(([span]) => span.traceId),
      [traceId],
    )
    assert.deepEqual(await query.traces({ service: stock, annotationQuery: 'http.path=/none' }), [])
  })

  it('knows who called whom, and that it failed', async () => {
    const link = (await query.dependencies()).find(({ parent }) => parent === shop)
    assert.deepEqual(link, { parent: shop, child: stock, callCount: 1, errorCount: 1 })
  })

  it('answers for a trace that it does not have', async () => {
    assert.equal(await query.trace(randomBytes(16).toString('hex')), undefined)
  })
})
