import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import '@hashira/metrics-red'
import * as promClient from 'prom-client'
import { parseExposition } from './exposition-parser'
import { OPENMETRICS, scrape, serve } from './serve'

const isOld = Number(process.versions.node.split('.')[0]) < 22

test('prom-client and its successor in one scrape: both whole, no family twice', {
  skip: isOld && '@prometheus-io/client needs Node 22',
}, async (t) => {
  const successor = createRequire(__filename)('@prometheus-io/client') as typeof promClient
  for (const [client, value] of [
    [promClient, 1],
    [successor, 2],
  ] as const) {
    client.collectDefaultMetrics()
    new client.Counter({ name: `only_${value}_total`, help: 'x' }).inc(value)
    new client.Counter({ name: 'shared_total', help: 'x', labelNames: ['from'] }).inc(
      { from: `${value}` },
      value,
    )
    new client.Gauge({ name: 'same_series', help: 'x' }).set(value)
  }
  // The same name with another type can't be shown: the first one holds.
  new promClient.Counter({ name: 'clash', help: 'x' }).inc(7)
  new successor.Gauge({ name: 'clash', help: 'x' }).set(8)
  const url = await serve(t)
  for (const accept of [undefined, OPENMETRICS]) {
    const { text } = await scrape(url, accept)
    const families = parseExposition(text, accept === undefined ? 'text' : 'openmetrics')
    const names = families.map(({ name }) => name)
    assert.deepEqual([...new Set(names)], names)
    for (const line of [
      'only_1_total 1',
      'only_2_total 2',
      'shared_total{from="1"} 1',
      'shared_total{from="2"} 2',
    ])
      assert.ok(text.includes(`\n${line}\n`), line)
    assert.deepEqual(text.match(/^(same_series|clash) .*$/gm)?.sort(), ['clash 7', 'same_series 1'])
    assert.equal(text.match(/^process_start_time_seconds /gm)?.length, 1)
  }
})
