import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  collectMetrics,
  faultCounts,
  type HistogramFamily,
  isHashiraError,
  type NumberFamily,
  setDiagnosticSink,
} from '@hashira/core'
import {
  CounterRecorder,
  GaugeRecorder,
  HistogramRecorder,
  type LabelValue,
  ObservedMetric,
  redMetricSource,
  UpDownCounterRecorder,
} from '@hashira/metrics-red'
import fc from 'fast-check'

const SAMPLED = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 }

function histogram(name: string, settings: { keys?: string[]; maxSeries?: number; bounds?: number[] } = {}) {
  return new HistogramRecorder({
    name,
    description: 'For tests',
    unit: 's',
    bounds: settings.bounds ?? [0.1, 1, 10],
    attributeKeys: settings.keys ?? ['a', 'b'],
    maxSeries: settings.maxSeries,
  })
}

test('a value falls into the bucket whose bound it does not exceed', () => {
  const recorder = histogram('test.buckets')
  const handle = recorder.handle(['x', undefined])
  for (const value of [0, 0.1, 0.10001, 1, 10, 11]) handle.record(value)
  const [point] = recorder.collect().points
  assert.deepEqual(Array.from(point?.bucketCounts ?? []), [2, 2, 1, 1])
  assert.equal(point?.count, 6)
  assert.ok(Math.abs((point?.sum ?? 0) - 22.20001) < 1e-9)
  assert.deepEqual(point?.attributes, ['a', 'x'])
})

test('buckets agree with a linear search, for any bounds and values', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.double({ min: 0, max: 100, noNaN: true }), { maxLength: 20 }),
      fc.array(fc.double({ min: 0, max: 120, noNaN: true }), { maxLength: 30 }),
      (unsorted, values) => {
        const bounds = unsorted.map((bound) => bound + 0).sort((a, b) => a - b)
        const recorder = histogram('test.search', { bounds, keys: [] })
        for (const value of values) recorder.handle([]).record(value)
        const expected = new Array(bounds.length + 1).fill(0)
        for (const value of values) {
          const at = bounds.findIndex((bound) => value <= bound)
          expected[at < 0 ? bounds.length : at]++
        }
        const [point] = recorder.collect().points
        recorder.remove()
        assert.deepEqual(
          point === undefined ? expected.fill(0) : [...(point.bucketCounts as Float64Array)],
          expected,
        )
      },
    ),
    { numRuns: 200, verbose: true },
  )
})

test('what is no finite number of 0 or more is dropped and counted', () => {
  const recorder = histogram('test.invalid')
  const before = faultCounts().get('histogram_value') ?? 0
  const bad: unknown[] = [
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    undefined,
    'x',
    {},
  ]
  for (const value of bad) recorder.handle(['x', 'y']).record(value as number)
  assert.equal(recorder.collect().points.length, 0)
  assert.equal(faultCounts().get('histogram_value'), before + bad.length)
})

test('the latest sampled measurement of a bucket is its exemplar, and a snapshot keeps what it saw', () => {
  const recorder = histogram('test.exemplars')
  const handle = recorder.handle(['x', 'y'])
  handle.record(0.5, { ...SAMPLED, spanId: '1111111111111111' })
  handle.record(0.6, SAMPLED)
  handle.record(0.7, { ...SAMPLED, traceFlags: 0 })
  handle.record(0.8)
  const exemplars = recorder.collect().points[0]?.exemplars
  handle.record(0.9, { ...SAMPLED, traceId: 'f'.repeat(32) })
  assert.equal(exemplars?.[0], undefined)
  assert.equal(exemplars?.[1]?.value, 0.6)
  assert.equal(exemplars?.[1]?.traceId, SAMPLED.traceId)
  assert.equal(exemplars?.[1]?.spanId, SAMPLED.spanId)
  assert.ok(Math.abs((exemplars?.[1]?.timeUnixMs ?? 0) - Date.now()) < 60_000)
})

test('label values never run into each other', () => {
  const value = fc.oneof(
    fc.string({ maxLength: 3, unit: fc.constantFrom('a', '|', ',', '"', '\\', '\0', '\u001f') }),
    fc.constant(undefined),
    fc.integer({ min: 0, max: 2 }),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value, value), { maxLength: 20 }), (rows) => {
      const recorder = histogram('test.injective', { keys: ['a', 'b', 'c'] })
      const byHandle = new Map<unknown, readonly LabelValue[]>()
      for (const row of rows) {
        const handle = recorder.handle(row)
        const known = byHandle.get(handle)
        if (known !== undefined) assert.deepEqual(row, known)
        assert.equal(recorder.handle([...row]), handle)
        byHandle.set(handle, row)
      }
      recorder.remove()
      assert.equal(
        byHandle.size,
        new Set(rows.map((row) => JSON.stringify(row.map((cell) => cell ?? null)))).size,
      )
    }),
    { numRuns: 200, verbose: true },
  )
  const recorder = histogram('test.separator')
  assert.notEqual(recorder.handle(['x|', 'y']), recorder.handle(['x', '|y']))
})

test('beyond the limit of series all share one, and one warning names the label that grew', (t) => {
  const lines: string[] = []
  setDiagnosticSink((_, line) => lines.push(line))
  t.after(() => setDiagnosticSink(undefined))
  const recorder = new HistogramRecorder({
    name: 'test.cardinality',
    description: '',
    unit: 's',
    bounds: [1],
    attributeKeys: ['method', 'tenant'],
  })
  for (let i = 0; i < 2_500; i++) recorder.handle([i % 2 ? 'GET' : 'POST', `tenant-${i}`]).record(0.5)
  const { points } = recorder.collect()
  assert.equal(points.length, 2_001)
  const overflow = points.find(({ attributes }) => attributes[0] === 'otel.metric.overflow')
  assert.deepEqual(overflow?.attributes, ['otel.metric.overflow', true])
  assert.equal(overflow?.count, 500)
  assert.equal(recorder.handle(['GET', 'tenant-1']).attributes[3], 'tenant-1', 'known series go on')
  assert.equal(lines.length, 1)
  assert.match(
    lines[0] ?? '',
    /test\.cardinality has 2000 series.*label that grew is tenant, with 2000 values.*HASHIRA_METRIC_CARDINALITY/,
  )
})

test('counters, sums and gauges', () => {
  const settings = { description: '', unit: '{x}', attributeKeys: ['a'] }
  const counter = new CounterRecorder({ ...settings, name: 'test.counter' })
  const sum = new UpDownCounterRecorder({ ...settings, name: 'test.sum' })
  const gauge = new GaugeRecorder({ ...settings, name: 'test.gauge' })
  counter.handle(['never'])
  counter.handle(['x']).add(2)
  counter.handle(['x']).add(-1)
  sum.handle(['x']).add(2)
  sum.handle(['x']).add(-2)
  sum.handle(['x']).add(Number.NaN)
  gauge.handle(['x']).set(-4)
  gauge.handle(['x']).set(Number.NaN)
  const values = ({ points }: NumberFamily) => points.map(({ attributes, value }) => [...attributes, value])
  assert.deepEqual(values(counter.collect()), [['a', 'x', 2]])
  assert.deepEqual(values(sum.collect()), [['a', 'x', 0]])
  assert.deepEqual(values(gauge.collect()), [['a', 'x', -4]])
  for (const recorder of [counter, sum, gauge]) recorder.reset()
  assert.deepEqual(values(counter.collect()), [])
  assert.deepEqual(values(sum.collect()), [['a', 'x', 0]], 'what is there now is still there')
})

test('one source has every recorder, and an observer that fails is the only one missing', async () => {
  const recorder = histogram('test.source')
  recorder.handle(['x', 'y']).record(1)
  const settings = { description: '', unit: '1', type: 'gauge' } as const
  const good = new ObservedMetric({ ...settings, name: 'test.good', observe: () => [{ value: 7 }] })
  const failing = [
    new ObservedMetric({
      ...settings,
      name: 'test.throws',
      observe: () => {
        throw new Error('no')
      },
    }),
    new ObservedMetric({ ...settings, name: 'test.rejects', observe: () => Promise.reject(new Error('no')) }),
  ]
  const { families, failures } = await redMetricSource.collect()
  assert.ok(families.some(({ name }) => name === 'test.source'))
  assert.equal((families.find(({ name }) => name === 'test.good') as NumberFamily).points[0]?.value, 7)
  assert.deepEqual(
    failures?.map(({ name }) => name),
    ['test.throws', 'test.rejects'],
  )
  const snapshot = await collectMetrics()
  const found = snapshot.families.filter(({ name }) => name === 'test.source') as HistogramFamily[]
  assert.equal(found.length, 1)
  for (const metric of [good, ...failing]) metric.remove()
  assert.ok(!(await redMetricSource.collect()).families.some(({ name }) => name === 'test.good'))
})

test('bounds that do not ascend and keys that come twice are refused with a code', () => {
  const refused = (settings: { bounds?: number[]; keys?: string[] }) =>
    assert.throws(
      () => histogram('test.refused', settings),
      (error) => isHashiraError(error) && error.code === 'HASHIRA_OPTION_INVALID',
    )
  refused({ bounds: [1, 1] })
  refused({ bounds: [2, 1] })
  refused({ bounds: [1, Number.POSITIVE_INFINITY] })
  refused({ bounds: ['1'] as unknown as number[] })
  refused({ keys: ['a', 'a'] })
})
