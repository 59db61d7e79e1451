// Metrics over OTLP into the real Prometheus 3, which names them by its own rules.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { otlp } from '@hashira/exporter-otlp'
import { start } from 'hashira'
import { Counter, Gauge, Histogram } from 'prom-client'
import { given } from './given.mjs'
import { PrometheusQuery } from './prometheus/query.mjs'
import { waitFor } from './wait-for.mjs'

const { prometheus3, describe, it, before } = given('prometheus3')

for (const protocol of ['http/protobuf', 'http/json']) {
  describe(`${protocol} in the real Prometheus 3`, () => {
    const query = new PrometheusQuery(prometheus3.url)
    const suffix = randomBytes(4).toString('hex')
    const service = `shop-${suffix}`
    const name = `app_${suffix}`

    before(async () => {
      const labelNames = ['tenant']
      const sold = new Counter({ name: `${name}_sold_total`, help: 'sold', labelNames })
      const stock = new Gauge({ name: `${name}_stock`, help: 'stock' })
      const wait = new Histogram({ name: `${name}_wait_seconds`, help: 'wait', buckets: [0.1, 1] })
      const hashira = start({
        serviceName: service,
        quiet: true,
        exporters: [],
        metricsExporters: [otlp({ metricsEndpoint: `${prometheus3.otlpUrl}/v1/metrics`, protocol })],
      })
      sold.inc({ tenant: 'a "ü"' }, 3)
      stock.set(-2.5)
      for (const seconds of [0.05, 0.5, 0.5, 5]) wait.observe(seconds)
      const { exporters } = await hashira.shutdown({ timeoutMs: 10_000 })
      const account = exporters.find(({ signal }) => signal === 'metrics')
      assert.ok(account.delivered > 5, JSON.stringify(account))
      assert.deepEqual(account.dropped, {})
      await waitFor('the counter', async () => (await query.instant(`${name}_sold_total`)).length > 0)
    })

    it("has the app's own metrics", async () => {
      const value = async (promql) => Number((await query.instant(promql))[0]?.value[1])
      assert.equal(await value(`${name}_sold_total{tenant='a "ü"',job="${service}"}`), 3)
      assert.equal(await value(`${name}_stock`), -2.5)
      assert.equal(await value(`${name}_wait_seconds_count`), 4)
      assert.equal(await value(`${name}_wait_seconds_sum`), 6.05)
      assert.equal(await value(`${name}_wait_seconds_bucket{le="0.1"}`), 1)
      assert.equal(await value(`${name}_wait_seconds_bucket{le="1"}`), 3)
      assert.equal(await value(`${name}_wait_seconds_bucket{le="+Inf"}`), 4)
    })

    it('has the saturation of the process', async () => {
      const names = (await query.instant(`{job="${service}"}`)).map(({ metric }) => metric.__name__)
      for (const expected of ['process_cpu_time_seconds_total', 'nodejs_eventloop_utilization_ratio'])
        assert.ok(names.includes(expected), `${expected} is not among ${[...new Set(names)].join(', ')}`)
    })
  })
}
