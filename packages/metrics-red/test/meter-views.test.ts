import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { collectMetrics, isHashiraError } from '@hashira/core'
import {
  CounterRecorder,
  configureMetrics,
  HistogramRecorder,
  type MetricView,
  meterProvider,
  ObservedMetric,
  registry,
  UpDownCounterRecorder,
} from '@hashira/metrics-red'
import { familiesOf, faults, freshMeter, labels, pointsOf, said, valuesOf } from './meters'

afterEach(() => configureMetrics())

const views = (...all: MetricView[]) => configureMetrics({ views: all })
const own = async (name: string) => (await collectMetrics()).families.filter((family) => family.name === name)

describe('a view selects', () => {
  const matches = async (view: MetricView) => {
    views({ ...view, aggregation: 'drop' })
    const version = `${Math.random()}`
    const meter = meterProvider.getMeter('select', version, { schemaUrl: 'https://s.test' })
    meter.createHistogram('http.server.duration', { unit: 's' }).record(1)
    meter.createCounter('jobs', { unit: '{job}' }).add(1)
    const families = (await familiesOf('select')).filter(({ scope }) => scope?.version === version)
    return ['http.server.duration', 'jobs'].filter((name) => families.every((family) => family.name !== name))
  }
  const HTTP = 'http.server.duration'

  for (const [view, dropped] of [
    [{ instrumentName: 'jobs' }, ['jobs']],
    [{ instrumentName: 'JOBS' }, ['jobs']],
    [{ instrumentName: '*' }, [HTTP, 'jobs']],
    [{ instrumentName: 'http.*' }, [HTTP]],
    [{ instrumentName: '*duration' }, [HTTP]],
    [{ instrumentName: 'j?bs' }, ['jobs']],
    [{ instrumentName: 'j?obs' }, []],
    [{ instrumentName: 'http.server' }, []],
    [{ instrumentName: 'http+server*' }, []],
    [{ instrumentType: 'HISTOGRAM' }, [HTTP]],
    [{ instrumentType: 'UP_DOWN_COUNTER' }, []],
    [{ instrumentUnit: '{job}' }, ['jobs']],
    [{ meterName: 'select' }, [HTTP, 'jobs']],
    [{ meterName: 'sel*' }, []],
    [{ meterSchemaUrl: 'https://s.test', instrumentUnit: 's' }, [HTTP]],
    [{ meterVersion: 'none' }, []],
    [{ instrumentName: 'jobs', instrumentUnit: 's' }, []],
  ] as [MetricView, string[]][])
    test(`by ${JSON.stringify(view)}: ${dropped.join(' and ') || 'nothing'}`, async () => {
      assert.deepEqual(await matches(view), dropped)
    })
})

describe('a view changes', () => {
  test('name and description', async () => {
    views({ instrumentName: 'c', name: 'renamed', description: 'Better' })
    const { meter, scope } = freshMeter()
    meter.createCounter('c', { description: 'x' }).add(1)
    const [family] = await familiesOf(scope)
    assert.deepEqual([family?.name, family?.description], ['renamed', 'Better'])
  })

  test('attributes: others are left out and their measurements added up', async () => {
    views({ instrumentName: '*', attributeKeys: ['a', 'b'] })
    const { meter, scope } = freshMeter()
    const counter = meter.createCounter('c')
    counter.add(1, { a: 1, x: 1 })
    counter.add(2, { x: 2, a: 1 })
    counter.add(4, { b: 1, y: 'y' })
    counter.add(8, { z: 1 })
    const gauge = meter.createGauge('g')
    gauge.record(1, { a: 1, x: 1 })
    gauge.record(2, { a: 1, x: 2 })
    meter.createObservableCounter('oc').addCallback((result) => {
      result.observe(1, { a: 1, x: 1 })
      result.observe(99, { a: 1, x: 2 })
      result.observe(2, { a: 1, x: 2 })
    })
    meter.createObservableGauge('og').addCallback((result) => {
      result.observe(1, { a: 1, x: 1 })
      result.observe(2, { a: 1, x: 2 })
    })
    assert.deepEqual(await valuesOf(scope, 'c'), [
      [{ a: 1 }, 3],
      [{ b: 1 }, 4],
      [{}, 8],
    ])
    assert.deepEqual(await valuesOf(scope, 'g'), [[{ a: 1 }, 2]])
    assert.deepEqual(await valuesOf(scope, 'oc'), [[{ a: 1 }, 3]])
    assert.deepEqual(await valuesOf(scope, 'og'), [[{ a: 1 }, 2]])
  })

  test('no attributes at all', async () => {
    views({ instrumentName: 'c', attributeKeys: [] })
    const { meter, scope } = freshMeter()
    for (let i = 0; i < 5; i++) meter.createCounter('c').add(1, { i })
    assert.deepEqual(await valuesOf(scope), [[{}, 5]])
  })

  test('bucket boundaries, over what is advised', async () => {
    views({ instrumentType: 'HISTOGRAM', buckets: [1, 10] })
    const { meter, scope } = freshMeter()
    meter.createHistogram('h', { advice: { explicitBucketBoundaries: [5] } }).record(7)
    const [point] = await pointsOf(scope)
    assert.deepEqual(
      [point?.bounds, Array.from(point!.bucketCounts)],
      [
        [1, 10],
        [0, 1, 0],
      ],
    )
  })

  test('aggregation: an exponential histogram with a size and a scale', async () => {
    views({ instrumentName: 'h', aggregation: 'base2_exponential_bucket_histogram', maxSize: 4, maxScale: 1 })
    const { meter, scope } = freshMeter()
    const histogram = meter.createHistogram('h')
    histogram.record(0)
    histogram.record(1)
    histogram.record(2)
    const [family] = await familiesOf(scope)
    assert.equal(family?.type, 'exponential_histogram')
    const [point] = await pointsOf(scope)
    assert.deepEqual([point?.scale, point?.zeroCount, point?.count, point?.sum], [1, 1, 3, 3])
    assert.deepEqual(point?.positive, { offset: -1, bucketCounts: [1, 0, 1] })
    histogram.record(100)
    assert.equal((await pointsOf(scope))[0]?.scale, -2)
    assert.match(await registry.metrics(), /^h_bucket\{le="\+Inf",otel_scope_name="[^"]+"\} 4$/m)
  })

  test('the number of series', async () => {
    views({ instrumentName: '*', maxSeries: 3 })
    const { meter, scope } = freshMeter()
    const lines = await said(() => {
      for (let i = 0; i < 10; i++) meter.createCounter('limited').add(1, { i })
    })
    assert.match(lines.join(), /limited has 3 series/)
    meter.createObservableGauge('limited.gauge').addCallback((result) => {
      for (let i = 0; i < 10; i++) result.observe(i, { i })
    })
    assert.deepEqual((await valuesOf(scope, 'limited')).at(-1), [{ 'otel.metric.overflow': true }, 7])
    const gauge = await valuesOf(scope, 'limited.gauge')
    assert.equal(gauge.length, 4)
    assert.deepEqual(gauge.at(-1), [{ 'otel.metric.overflow': true }, 9])
  })

  test('a limit holds for what a view leaves of the attributes', async () => {
    views({ instrumentName: '*', maxSeries: 3, attributeKeys: ['k'] })
    const { meter, scope } = freshMeter()
    meter.createObservableCounter('oc').addCallback((result) => {
      for (let i = 0; i < 10; i++) result.observe(1, { k: i % 2, i })
    })
    assert.deepEqual(await valuesOf(scope), [
      [{ k: 0 }, 5],
      [{ k: 1 }, 5],
    ])
  })
})

describe('several views of one instrument', () => {
  test('make a metric each', async () => {
    views(
      { instrumentName: 'h' },
      { instrumentName: 'h', name: 'h.exponential', aggregation: 'base2_exponential_bucket_histogram' },
      { instrumentName: 'h', name: 'h.total', attributeKeys: [], buckets: [] },
      { instrumentName: 'h', aggregation: 'drop' },
    )
    const { meter, scope } = freshMeter()
    const histogram = meter.createHistogram('h')
    histogram.record(1, { k: 'a' })
    histogram.bind({ k: 'b' }).record(1)
    assert.deepEqual(
      (await familiesOf(scope)).map(({ name, type, points }) => [name, type, points.length]),
      [
        ['h', 'histogram', 2],
        ['h.exponential', 'exponential_histogram', 2],
        ['h.total', 'histogram', 1],
      ],
    )
  })

  test('under one name make one, said once', async () => {
    views({ instrumentName: 'twice*', attributeKeys: [] }, { instrumentType: 'COUNTER' })
    const { meter, scope } = freshMeter()
    const lines = await said(() => meter.createCounter('twice').add(1, { k: 1 }))
    assert.match(lines.join(), /several views make a metric twice of it.*HASHIRA_METRIC_CONFLICT/)
    assert.deepEqual(await valuesOf(scope), [[{}, 1]])
  })
})

test('a name that another metric of the meter has is said once, and both are sent', async () => {
  views({ instrumentName: 'new.jobs', name: 'old.jobs' })
  const { meter, scope } = freshMeter()
  const lines = await said(() => {
    meter.createCounter('old.jobs').add(1)
    meter.createCounter('unrelated').add(1)
    meter.createCounter('new.jobs').add(2)
    meter.createCounter('another').add(1)
  })
  assert.equal(lines.length, 1, lines.join('\n'))
  assert.match(
    lines[0] as string,
    /old\.jobs and new\.jobs are both named old\.jobs.*HASHIRA_METRIC_CONFLICT/,
  )
  assert.deepEqual(
    (await valuesOf(scope, 'old.jobs')).map(([, value]) => value),
    [1, 2],
  )
})

test('a histogram of what is none stays what it is, said once', async () => {
  views({ instrumentName: 'sum', aggregation: 'base2_exponential_bucket_histogram' })
  const { meter, scope } = freshMeter()
  const lines = await said(() => meter.createCounter('sum').add(1))
  assert.match(lines.join(), /a view asks for a histogram of a COUNTER/)
  assert.deepEqual(await valuesOf(scope), [[{}, 1]])
})

describe('instruments that exist when views are configured', () => {
  test('follow; what stays the same keeps its numbers, sums and last values move to what they become', async () => {
    const { meter, scope } = freshMeter()
    const kept = meter.createCounter('kept')
    const changed = meter.createCounter('changed')
    const gauge = meter.createGauge('changed.gauge')
    const bound = changed.bind({ k: 1, x: 1 })
    kept.add(1)
    changed.add(1, { k: 1, x: 1 })
    changed.add(2, { k: 1, x: 2 })
    gauge.record(9, { k: 2 })
    const [before] = await pointsOf(scope, 'changed')
    assert.equal(
      await faults('metric_view_changed', () =>
        views(
          { instrumentName: 'changed', name: 'new.name', attributeKeys: ['k'] },
          { instrumentName: 'changed.*', name: undefined, description: 'A gauge' },
        ),
      ),
      0,
    )
    kept.add(1)
    changed.add(4, { k: 1 })
    bound.add(8)
    assert.deepEqual(await valuesOf(scope, 'kept'), [[{}, 2]])
    assert.deepEqual(await valuesOf(scope, 'changed'), [])
    assert.deepEqual(await valuesOf(scope, 'new.name'), [[{ k: 1 }, 15]])
    assert.equal((await pointsOf(scope, 'new.name'))[0]?.startTimeUnixMs, before?.startTimeUnixMs)
    assert.deepEqual(await valuesOf(scope, 'changed.gauge'), [[{ k: 2 }, 9]])
  })

  test('histograms with other buckets begin anew, and what they had is counted', async () => {
    const { meter, scope } = freshMeter()
    const histogram = meter.createHistogram('rebucketed')
    for (let i = 0; i < 3; i++) histogram.record(i, { i })
    assert.equal(
      await faults('metric_view_changed', () => views({ instrumentName: 'rebucketed', buckets: [1] })),
      3,
    )
    histogram.record(5)
    assert.deepEqual(
      (await pointsOf(scope)).map(({ bounds, count }) => [bounds, count]),
      [[[1], 1]],
    )
  })

  test('measure nothing while metrics are disabled', async () => {
    const { meter, scope } = freshMeter()
    const counter = meter.createCounter('c')
    const observable = meter.createObservableGauge('g')
    let calls = 0
    observable.addCallback((result) => result.observe(++calls))
    configureMetrics({ enabled: false })
    counter.add(1)
    counter.bind().add(1)
    meter.createHistogram('later').record(1)
    assert.deepEqual(await familiesOf(scope), [])
    assert.equal(calls, 0)
    configureMetrics()
    counter.add(2)
    assert.deepEqual(await valuesOf(scope), [
      [{}, 2],
      [{}, 1],
    ])
  })
})

describe('Hashira’s own recorders', () => {
  const made: { remove(): void }[] = []
  afterEach(() => {
    for (const recorder of made.splice(0)) recorder.remove()
  })
  const histogram = () => {
    const recorder = new HistogramRecorder({
      name: 'own.took',
      description: 'x',
      unit: 's',
      bounds: [1],
      attributeKeys: ['http.route', 'tenant'],
    })
    made.push(recorder)
    return recorder
  }

  test('take other buckets, names and labels', async () => {
    views({
      instrumentName: 'own.*',
      meterName: 'hashira',
      attributeKeys: ['http.route'],
      buckets: [0.1, 0.2],
    })
    const recorder = histogram()
    recorder.handle(['/a', 't1']).record(0.15)
    recorder.handle(['/a', 't2']).record(0.5)
    assert.equal(recorder.handle(['/a', 't3']), recorder.handle(['/a', 't4']))
    const [family] = await own('own.took')
    assert.equal(family?.type, 'histogram')
    assert.deepEqual(
      family?.points.map(
        (point) => 'bounds' in point && [point.attributes, point.bounds, [...Array.from(point.bucketCounts)]],
      ),
      [
        [
          ['http.route', '/a'],
          [0.1, 0.2],
          [0, 1, 1],
        ],
      ],
    )
  })

  test('become exponential, or several metrics, or none', async () => {
    views(
      { instrumentName: 'own.took', aggregation: 'base2_exponential_bucket_histogram' },
      { instrumentName: 'own.took', name: 'own.took.by_tenant', attributeKeys: ['tenant'] },
      { instrumentName: 'own.jobs', aggregation: 'drop' },
      { instrumentName: 'own.open', name: 'own.all', attributeKeys: [] },
      { instrumentName: 'own.open' },
    )
    const recorder = histogram()
    recorder.handle(['/a', 't1']).record(0.5)
    recorder.handle(['/b', 't1']).record(2)
    const jobs = new CounterRecorder({ name: 'own.jobs', description: '', unit: '', attributeKeys: [] })
    const open = new UpDownCounterRecorder({
      name: 'own.open',
      description: '',
      unit: '',
      attributeKeys: ['k'],
    })
    made.push(jobs, open)
    jobs.handle([]).add(1)
    open.handle(['a']).add(2)
    open.handle(['b']).add(3)
    const [exponential] = await own('own.took')
    assert.equal(exponential?.type, 'exponential_histogram')
    assert.deepEqual(
      exponential?.points.map((point) => 'scale' in point && point.count),
      [1, 1],
    )
    const [byTenant] = await own('own.took.by_tenant')
    assert.deepEqual(
      byTenant?.points.map((point) => 'bounds' in point && Array.from(point.bucketCounts)),
      [[1, 1]],
    )
    assert.deepEqual(await own('own.jobs'), [])
    assert.deepEqual(
      (await own('own.all'))[0]?.points.map((point) => 'value' in point && point.value),
      [5],
    )
    assert.deepEqual(
      (await own('own.open'))[0]?.points.map((point) => 'value' in point && point.value),
      [2, 3],
    )
    assert.deepEqual(jobs.collect().points, [])
    assert.equal(recorder.collect().points[0]?.count, 1)
  })

  test('that are looked up when read follow as well', async () => {
    views({ instrumentName: 'own.seen', name: 'own.summed', attributeKeys: ['pool'] })
    made.push(
      new ObservedMetric({
        name: 'own.seen',
        description: '',
        unit: '',
        type: 'updowncounter',
        observe: () => [
          { value: 1, attributes: ['pool', 'a', 'host', 'x'] },
          { value: 2, attributes: ['pool', 'a', 'host', 'y'] },
          { value: 4, attributes: ['pool', 'b'] },
        ],
      }),
    )
    assert.deepEqual(await own('own.seen'), [])
    assert.deepEqual(
      (await own('own.summed'))[0]?.points.map((point) => [
        labels(point.attributes),
        'value' in point && point.value,
      ]),
      [
        [{ pool: 'a' }, 3],
        [{ pool: 'b' }, 4],
      ],
    )
  })
})

describe('bad views are refused with a code that says what is allowed', () => {
  for (const [view, code, text] of [
    [{}, 'HASHIRA_OPTION_INVALID', /of no instrument that it is meant/],
    [{ name: 'x' }, 'HASHIRA_OPTION_INVALID', /of no instrument/],
    [{ instrumentName: '*', name: 'x' }, 'HASHIRA_OPTION_INVALID', /without wildcards/],
    [{ instrumentType: 'COUNTER', name: 'x' }, 'HASHIRA_OPTION_INVALID', /without wildcards/],
    [{ instrumentName: 'x', name: '1x' }, 'HASHIRA_OPTION_INVALID', /name is "1x"/],
    [{ instrumentName: '' }, 'HASHIRA_OPTION_INVALID', /instrumentName/],
    [{ instrumentType: 'counter' }, 'HASHIRA_OPTION_INVALID', /one of COUNTER/],
    [{ instrumentName: 'x', buckets: [2, 1] }, 'HASHIRA_OPTION_INVALID', /ascending/],
    [{ instrumentName: 'x', aggregation: 'sum' }, 'HASHIRA_OPTION_INVALID', /base2_exponential/],
    [{ instrumentName: 'x', attributeKeys: 'a' }, 'HASHIRA_OPTION_INVALID', /list of attribute keys/],
    [{ instrumentName: 'x', maxSize: 1 }, 'HASHIRA_OPTION_INVALID', /2 to 1000/],
    [{ instrumentName: 'x', maxScale: 21 }, 'HASHIRA_OPTION_INVALID', /-10 to 20/],
    [{ instrumentName: 'x', maxSeries: 0 }, 'HASHIRA_OPTION_INVALID', /1 to 1000000/],
    [
      { instrumentName: 'x', buckets: [1], aggregation: 'base2_exponential_bucket_histogram' },
      'HASHIRA_OPTION_INVALID',
      /does not have/,
    ],
    [{ instrumentName: 'x', bukets: [1] }, 'HASHIRA_OPTION_UNKNOWN', /"bukets" is not known/],
    ['x', 'HASHIRA_OPTION_INVALID', /an object/],
  ] as const)
    test(JSON.stringify(view), () => {
      assert.throws(
        () => configureMetrics({ views: [{ instrumentName: 'ok' }, view as MetricView] }),
        (error) =>
          isHashiraError(error) &&
          error.code === code &&
          text.test(error.message) &&
          /views\[1\]/.test(error.message),
      )
    })

  test('no list', () => {
    assert.throws(() => configureMetrics({ views: {} as never }), /allowed is a list/)
  })

  test('and change nothing', async () => {
    views({ instrumentName: 'c', name: 'still' })
    assert.throws(() => views({}))
    const { meter, scope } = freshMeter()
    meter.createCounter('c').add(1)
    assert.equal((await familiesOf(scope))[0]?.name, 'still')
  })
})
