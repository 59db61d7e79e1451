import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { type Collected, type NumberFamily, prometheusName } from '@hashira/core'
import { httpClientMetrics, httpServerMetrics, redMetricSource, startSaturation } from '@hashira/metrics-red'
import * as promClient from 'prom-client'

const EXPECTED = [
  ...['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map(
    (name) => `nodejs_eventloop_delay_${name}_seconds`,
  ),
  'nodejs_eventloop_utilization_ratio',
  'nodejs_eventloop_time_seconds_total',
  'v8js_gc_duration_seconds',
  'v8js_memory_heap_used_bytes',
  'v8js_memory_heap_space_size_bytes',
  'v8js_memory_heap_space_available_size_bytes',
  'v8js_memory_heap_space_physical_size_bytes',
  'v8js_resource_active',
  'process_cpu_time_seconds_total',
  'process_cpu_utilization_ratio',
  'process_memory_usage_bytes',
  'process_uptime_seconds',
  ...(process.platform === 'linux'
    ? ['process_memory_virtual_bytes', 'process_unix_file_descriptor_count']
    : []),
]

const names = ({ families }: Collected) => families.map(prometheusName)

function makeGarbage(): void {
  for (let i = 0; i < 200; i++) JSON.stringify(Array.from({ length: 10_000 }, (_, j) => ({ j })))
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await condition()) return
    await setTimeout(25)
  }
  assert.fail('the condition did not come true within 5 s')
}

// Garbage collection and the event loop's delay have nothing to say at first.
async function untilAllAreThere(): Promise<void> {
  makeGarbage()
  await until(async () => {
    const now = names(await redMetricSource.collect())
    return EXPECTED.every((name) => now.includes(name))
  })
}

test('saturation has all its metrics under names that prom-client does not use, and stops whole', async () => {
  const before = names(await redMetricSource.collect())
  const stop = startSaturation()
  const stopAgain = startSaturation()
  await untilAllAreThere()
  const { families, failures } = await redMetricSource.collect()
  assert.deepEqual(failures, [])
  const value = (name: string) =>
    (families.find((family) => family.name === name) as NumberFamily).points[0]?.value ?? -1
  assert.ok(value('nodejs.eventloop.utilization') > 0 && value('nodejs.eventloop.utilization') <= 1)
  assert.ok(value('nodejs.eventloop.delay.p50') < 5, 'seconds, not nanoseconds')
  assert.ok(value('process.memory.usage') > 1e7)
  assert.ok(value('process.cpu.time') > 0)
  stop()
  stop()
  assert.ok(
    names(await redMetricSource.collect()).includes('process_uptime_seconds'),
    'somebody else still measures',
  )
  stopAgain()
  assert.deepEqual(
    names(await redMetricSource.collect()).filter((name) => name !== 'hashira_faults_total'),
    before,
  )
})

test('no name of ours is one of collectDefaultMetrics()', async () => {
  const theirs = new promClient.Registry()
  promClient.collectDefaultMetrics({ register: theirs })
  const taken = new Set(theirs.getMetricsAsArray().map(({ name }) => name))
  // What its successor has beside these.
  for (const name of ['nodejs_eventloop_utilization_summary', 'nodejs_eventloop_utilization_histogram'])
    taken.add(name)
  httpServerMetrics().duration.handle(['GET']).record(1)
  httpServerMetrics().activeRequests.handle(['GET']).add(1)
  httpClientMetrics().duration.handle(['GET']).record(1)
  const stop = startSaturation()
  await untilAllAreThere()
  const ours = names(await redMetricSource.collect())
  stop()
  assert.ok(ours.length >= EXPECTED.length + 3)
  assert.deepEqual(
    ours.filter((name) => taken.has(name)),
    [],
  )
})

test('saturation does not keep a process alive', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['-e', "require('@hashira/metrics-red').startSaturation()"],
    { cwd: __dirname, timeout: 20_000, encoding: 'utf8' },
  )
  assert.equal(status, 0, stderr)
})
