import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectMetrics, isHashiraError, setDiagnosticSink } from '@hashira/core'
import {
  CounterRecorder,
  HistogramRecorder,
  type RegistryLike,
  registry,
  useRegistry,
} from '@hashira/metrics-red'
import * as promClient from 'prom-client'
import * as promClient14 from 'prom-client14'

const OPENMETRICS = promClient.Registry.OPENMETRICS_CONTENT_TYPE
const SAMPLED = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 }

const counter = new CounterRecorder({
  name: 'test.jobs',
  description: 'Jobs',
  unit: '{job}',
  attributeKeys: ['job.kind'],
})
counter.handle(['mail']).add(3)
const histogram = new HistogramRecorder({
  name: 'test.duration',
  description: 'Duration',
  unit: 's',
  bounds: [0.1, 1],
  attributeKeys: ['http.route', 'http.response.status_code'],
})
histogram.handle(['/a', 200]).record(0.5, SAMPLED)

async function families(name: string) {
  return (await collectMetrics()).families.filter((family) => family.name === name)
}

test('registry is the one of the app', () => {
  assert.equal(registry, promClient.register)
})

for (const [version, client] of [
  ['15', promClient],
  ['14', promClient14 as unknown as typeof promClient],
] as const) {
  test(`prom-client ${version}: our recorders show in the app's own metrics()`, async (t) => {
    const own = new client.Registry() as promClient.Registry
    t.after(useRegistry(own))
    const text = await own.metrics()
    assert.match(text, /^# TYPE test_jobs_total counter\ntest_jobs_total\{job_kind="mail"\} 3$/m)
    assert.match(
      text,
      /^test_duration_seconds_bucket\{le="\+Inf",http_route="\/a",http_response_status_code="200"\} 1$/m,
    )
    assert.match(
      text,
      /^test_duration_seconds_sum\{http_route="\/a",http_response_status_code="200"\} 0\.5$/m,
    )
    const json = (await own.getMetricsAsJSON()).find(({ name }) => name === 'test_duration_seconds')
    assert.equal(json?.type, 'histogram')
    assert.ok(own.getSingleMetric('test_jobs_total'))
    assert.match(await own.getSingleMetricAsString('test_jobs_total'), /test_jobs_total\{job_kind="mail"\} 3/)
  })

  test(`prom-client ${version}: resetMetrics and clear do what they say, and harm nothing`, async () => {
    const own = new client.Registry() as promClient.Registry
    const stop = useRegistry(own)
    const recorder = new CounterRecorder({
      name: `test.reset${version}`,
      description: 'x',
      unit: '',
      attributeKeys: [],
    })
    recorder.handle([]).add(5)
    own.resetMetrics()
    assert.deepEqual(recorder.collect().points, [])
    counter.handle(['mail']).add(3)
    histogram.handle(['/a', 200]).record(0.5, SAMPLED)
    own.clear()
    recorder.handle([]).add(1)
    assert.equal(recorder.collect().points[0]?.value, 1)
    stop()
    recorder.remove()
  })
}

test('in OpenMetrics our counters keep one _total and histograms have exemplars', async (t) => {
  const own = new promClient.Registry()
  own.setContentType(OPENMETRICS as never)
  t.after(useRegistry(own as RegistryLike))
  const text = await own.metrics()
  assert.match(text, /^# TYPE test_jobs counter\ntest_jobs_total\{job_kind="mail"\} 3$/m)
  assert.match(
    text,
    /le="1",.*\} 1 # \{trace_id="0af7651916cd43dd8448eb211c80319c",span_id="b7ad6b7169203331"\} 0\.5 \d+/,
  )
  own.setContentType(promClient.Registry.PROMETHEUS_CONTENT_TYPE)
  assert.match(await own.metrics(), /^test_jobs_total\{job_kind="mail"\} 3$/m)
})

test('what is in the registry of ours is not counted twice, and later recorders join', async (t) => {
  const own = new promClient.Registry()
  t.after(useRegistry(own))
  useRegistry(own)
  const late = new CounterRecorder({ name: 'test.late', description: 'Late', unit: '', attributeKeys: [] })
  late.handle([]).add(1)
  assert.match(await own.metrics(), /^test_late_total 1$/m)
  assert.equal((await families('test.late')).length, 1)
  assert.equal((await families('test_late_total')).length, 0)
  late.remove()
  assert.equal(own.getSingleMetric('test_late_total'), undefined)
})

test('a name that the app has taken stays the app’s; ours is in our exporters only', async (t) => {
  const lines: string[] = []
  setDiagnosticSink((_, line) => lines.push(line))
  t.after(() => setDiagnosticSink(undefined))
  const own = new promClient.Registry()
  const theirs = new promClient.Counter({ name: 'test_taken_total', help: 'Theirs', registers: [own] })
  const stop = useRegistry(own)
  const recorder = new CounterRecorder({
    name: 'test.taken',
    description: 'Ours',
    unit: '',
    attributeKeys: [],
  })
  recorder.handle([]).add(1)
  assert.equal(own.getSingleMetric('test_taken_total'), theirs)
  assert.match(lines.join(), /test_taken_total is already in the app's registry.*HASHIRA_METRIC_NAME_TAKEN/)
  assert.equal((await families('test.taken')).length, 1)
  recorder.remove()
  assert.equal(own.getSingleMetric('test_taken_total'), theirs)
  stop()
})

test('what is not a registry is refused with a code', () => {
  for (const bad of [undefined, null, 1, {}, { getMetricsAsArray() {} }, promClient.Registry]) {
    assert.throws(
      () => useRegistry(bad as RegistryLike),
      (error) => isHashiraError(error) && error.code === 'HASHIRA_REGISTRY_INVALID',
    )
  }
})
