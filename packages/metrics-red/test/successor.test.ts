import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import type { HistogramFamily, NumberFamily } from '@hashira/core'
import { CounterRecorder, registrySource, useRegistry } from '@hashira/metrics-red'
import type * as promClient from 'prom-client'

function load(): typeof promClient | string {
  if (Number(process.versions.node.split('.')[0]) < 22) return '@prometheus-io/client needs Node 22'
  try {
    return createRequire(__filename)('@prometheus-io/client')
  } catch (error) {
    return `@prometheus-io/client does not load: ${(error as Error).message}`
  }
}

const client = load()

test('prom-client’s successor works both ways', { skip: typeof client === 'string' && client }, async (t) => {
  const { Counter, Histogram, Registry } = client as typeof promClient
  const own = new Registry()
  t.after(useRegistry(own))
  own.setDefaultLabels({ app: 'shop' })
  new Counter({ name: 'jobs_done', help: 'x', labelNames: ['kind'], registers: [own] }).inc(
    { kind: 'mail' },
    2,
  )
  new Histogram({ name: 'took', help: 'x', buckets: [1], registers: [own] }).observe(0.5)
  const recorder = new CounterRecorder({ name: 'test.ours', description: 'x', unit: '', attributeKeys: [] })
  recorder.handle([]).add(1)
  const { families, failures } = await registrySource(own).collect()
  const [jobs, took] = families as [NumberFamily, HistogramFamily]
  assert.deepEqual(failures, [])
  assert.equal(families.length, 2)
  assert.deepEqual(jobs.points[0]?.attributes, ['kind', 'mail', 'app', 'shop'])
  assert.deepEqual(took.points[0]?.bucketCounts, [1, 0])
  assert.match(await own.metrics(), /^test_ours_total\{app="shop"\} 1$/m)
})
