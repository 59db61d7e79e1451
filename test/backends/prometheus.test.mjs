// Checks the harness itself: an exposition written by hand is scraped by the real Prometheus and comes back.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { given } from './given.mjs'
import { startPrometheus } from './prometheus/start.mjs'
import { waitFor } from './wait-for.mjs'

const { prometheus, describe, it, before, after } = given('prometheus')

const traceId = '0af7651916cd43dd8448eb211c80319c'
const exposition = `# TYPE by_hand histogram
by_hand_bucket{route="/cart",le="0.1"} 3 # {trace_id="${traceId}"} 0.05
by_hand_bucket{route="/cart",le="+Inf"} 4
by_hand_count{route="/cart"} 4
by_hand_sum{route="/cart"} 1.5
# EOF
`

describe('the real Prometheus', () => {
  const service = createServer((_, response) => {
    response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8')
    response.end(exposition)
  })
  let server

  before(async () => {
    service.listen(0, '127.0.0.1')
    await once(service, 'listening')
    server = await startPrometheus({
      program: prometheus.binary,
      targets: [`http://127.0.0.1:${service.address().port}/own/metrics`],
    })
    await waitFor('a scrape', async () => (await server.query.instant('by_hand_count')).length > 0)
  })

  after(async () => {
    await server?.stop?.()
    service.closeAllConnections()
    service.close()
  })

  it('scrapes the target at its own path', async () => {
    const [target] = await server.query.targets()
    assert.equal(target.health, 'up', target.lastError)
    assert.equal(new URL(target.scrapeUrl).pathname, '/own/metrics')
  })

  it('answers a query', async () => {
    const [{ metric, value }] = await server.query.instant('by_hand_bucket{le="0.1"}')
    assert.equal(metric.route, '/cart')
    assert.equal(metric.job, 'hashira')
    assert.equal(value[1], '3')
  })

  it('stores exemplars', async () => {
    const [{ seriesLabels, exemplars }] = await server.query.exemplars('by_hand_bucket')
    assert.equal(seriesLabels.le, '0.1')
    assert.deepEqual(exemplars[0].labels, { trace_id: traceId })
    assert.equal(exemplars[0].value, '0.05')
  })
})
