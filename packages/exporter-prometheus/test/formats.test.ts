import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultCounts, type MetricFamily } from '@hashira/core'
import fc from 'fast-check'
import { canonicalNumber } from '../dist/openmetrics-format.js'
import { parseExposition } from './exposition-parser'
import { OPENMETRICS, scrape, serve, snapshotOf } from './serve'

// biome-ignore lint/suspicious/noExplicitAny: the package has no types
const parseText = require('parse-prometheus-text-format') as (text: string) => any[]

const base = { naming: 'opentelemetry', description: 'Help', unit: '' } as const
const point = { attributes: [], startTimeUnixMs: 0 }
const gauge = (name: string, value = 1, rest: object = {}): MetricFamily => ({
  ...base,
  name,
  type: 'gauge',
  points: [{ ...point, value }],
  ...rest,
})
const TRACE = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }

const EXAMPLE: readonly MetricFamily[] = [
  {
    ...base,
    name: 'http.server.request.duration',
    unit: 's',
    type: 'histogram',
    points: [
      {
        attributes: ['http.route', '/a', 'http.response.status_code', 200],
        startTimeUnixMs: 0,
        count: 6,
        sum: 12.5,
        bounds: [0.25, 1, 1_000_000],
        bucketCounts: [1, 2, 0, 3],
        exemplars: [{ ...TRACE, value: 0.2, timeUnixMs: 1_520_879_607_789 }, undefined, undefined, undefined],
      },
    ],
  },
  {
    ...base,
    name: 'jobs',
    unit: '{job}',
    type: 'counter',
    points: [{ ...point, value: 3, exemplar: { ...TRACE, value: 1, timeUnixMs: 1_000 } }],
  },
  { ...base, naming: 'prometheus', name: 'jobs_done', type: 'counter', points: [{ ...point, value: 1 }] },
  {
    ...base,
    naming: 'prometheus',
    name: 'size',
    type: 'summary',
    points: [{ ...point, count: 2, sum: 3, quantiles: [{ quantile: 1, value: 2 }] }],
  },
  {
    ...base,
    name: 'http.server.active_requests',
    unit: '{request}',
    type: 'updowncounter',
    points: [{ ...point, value: 2 }],
  },
  gauge('process.unix.file_descriptor.count', 20, { type: 'updowncounter' }),
]

test('text 0.0.4, whole', async (t) => {
  const { text, type } = await scrape(await serve(t, snapshotOf(EXAMPLE)))
  assert.equal(type, 'text/plain; version=0.0.4; charset=utf-8')
  assert.equal(
    text,
    `# HELP target_info Target metadata
# TYPE target_info gauge
target_info{service_name="shop"} 1
# HELP http_server_request_duration_seconds Help
# TYPE http_server_request_duration_seconds histogram
http_server_request_duration_seconds_bucket{http_route="/a",http_response_status_code="200",le="0.25"} 1
http_server_request_duration_seconds_bucket{http_route="/a",http_response_status_code="200",le="1"} 3
http_server_request_duration_seconds_bucket{http_route="/a",http_response_status_code="200",le="1000000"} 3
http_server_request_duration_seconds_bucket{http_route="/a",http_response_status_code="200",le="+Inf"} 6
http_server_request_duration_seconds_sum{http_route="/a",http_response_status_code="200"} 12.5
http_server_request_duration_seconds_count{http_route="/a",http_response_status_code="200"} 6
# HELP jobs_total Help
# TYPE jobs_total counter
jobs_total 3
# HELP jobs_done Help
# TYPE jobs_done counter
jobs_done 1
# HELP size Help
# TYPE size summary
size{quantile="1"} 2
size_sum 3
size_count 2
# HELP http_server_active_requests Help
# TYPE http_server_active_requests gauge
http_server_active_requests 2
# HELP process_unix_file_descriptor_count Help
# TYPE process_unix_file_descriptor_count untyped
process_unix_file_descriptor_count 20
`,
  )
  parseExposition(text, 'text')
})

test('OpenMetrics 1.0, whole', async (t) => {
  const { text, type } = await scrape(await serve(t, snapshotOf(EXAMPLE)), OPENMETRICS)
  assert.equal(type, 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores')
  const exemplar = '{trace_id="0af7651916cd43dd8448eb211c80319c",span_id="b7ad6b7169203331"}'
  assert.equal(
    text,
    `# TYPE target_info gauge
# HELP target_info Target metadata
target_info{service_name="shop"} 1
# TYPE http_server_request_duration_seconds histogram
# UNIT http_server_request_duration_seconds seconds
# HELP http_server_request_duration_seconds Help
http_server_request_duration_seconds_bucket{http_route="/a",http_response_status_code="200",le="0.25"} 1 # ${exemplar} 0.2 1520879607.789
http_server_request_duration_seconds_bucket{http_route="/a",http_response_status_code="200",le="1.0"} 3
http_server_request_duration_seconds_bucket{http_route="/a",http_response_status_code="200",le="1e+06"} 3
http_server_request_duration_seconds_bucket{http_route="/a",http_response_status_code="200",le="+Inf"} 6
http_server_request_duration_seconds_sum{http_route="/a",http_response_status_code="200"} 12.5
http_server_request_duration_seconds_count{http_route="/a",http_response_status_code="200"} 6
# TYPE jobs counter
# HELP jobs Help
jobs_total 3 # ${exemplar} 1 1.000
# TYPE jobs_done unknown
# HELP jobs_done Help
jobs_done 1
# TYPE size summary
# HELP size Help
size{quantile="1.0"} 2
size_sum 3
size_count 2
# TYPE http_server_active_requests gauge
# HELP http_server_active_requests Help
http_server_active_requests 2
# TYPE process_unix_file_descriptor_count unknown
# HELP process_unix_file_descriptor_count Help
process_unix_file_descriptor_count 20
# EOF
`,
  )
  parseExposition(text, 'openmetrics')
})

test('any label value and help text survives both formats', async (t) => {
  let families: MetricFamily[] = []
  const url = await serve(t, () => snapshotOf(families)())
  // Lone surrogates can't be in UTF-8; `wellFormed` is what any encoder makes of them.
  const wellFormed = (text: string) => Buffer.from(text).toString()
  const anyText = fc.string({
    unit: fc.oneof(
      fc.constantFrom('\\', '"', '\n', '\r', ',', '{', '}', '=', ' ', '#', '\0', '\u2028', '\ud800'),
      fc.string({ unit: 'binary', maxLength: 1 }),
    ),
    maxLength: 12,
  })
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(anyText, { maxLength: 8, selector: wellFormed }),
      anyText,
      async (values, help) => {
        const points = values.map((value) => ({ ...point, attributes: ['v', value], value: 1 }))
        families = [gauge('x', 1, { description: help, points })]
        for (const format of ['text', 'openmetrics'] as const) {
          const { text } = await scrape(url, format === 'text' ? 'text/plain' : OPENMETRICS)
          const parsed = parseExposition(text, format).find(({ name }) => name === 'x')
          assert.deepEqual(
            parsed?.samples.map(({ labels }) => labels['v'] ?? ''),
            values.map(wellFormed),
          )
          const quote = format === 'openmetrics' ? /\\([\\n"])/g : /\\([\\n])/g
          const shown = (parsed?.help ?? '').replace(quote, (_, c: string) => (c === 'n' ? '\n' : c))
          assert.equal(shown, wellFormed(help))
        }
      },
    ),
    { numRuns: 60, verbose: true },
  )
})

test('a published parser reads the same label values', async (t) => {
  let families: MetricFamily[] = []
  const url = await serve(t, () => snapshotOf(families)())
  const character = fc.oneof(
    fc.constantFrom('\\', '"', '\n', ',', '{', '}', '=', ' ', '#', 'n'),
    fc.constantFrom('é', '柱', '😀'),
  )
  const anyText = fc.string({ unit: character, minLength: 1, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(anyText, { minLength: 1, maxLength: 8 }), async (values) => {
      families = [
        gauge('x', 1, { points: values.map((value) => ({ ...point, attributes: ['v', value], value: 1 })) }),
      ]
      const { text } = await scrape(url)
      const parsed = parseText(text).find(({ name }) => name === 'x')
      assert.deepEqual(
        parsed.metrics.map(({ labels }: { labels: { v: string } }) => labels.v),
        values,
      )
    }),
    { numRuns: 100, verbose: true },
  )
})

test('numbers that JSON does not have', async (t) => {
  const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e-7, 1e21, 0.1]
  const points = values.map((value, i) => ({ ...point, attributes: ['i', i], value }))
  const url = await serve(t, snapshotOf([gauge('x', 1, { points })]))
  for (const format of ['text', 'openmetrics'] as const) {
    const { text } = await scrape(url, format === 'text' ? 'text/plain' : OPENMETRICS)
    const [, x] = parseExposition(text, format)
    assert.deepEqual(
      x?.samples.map(({ value }) => value),
      ['NaN', '+Inf', '-Inf', '0', '1e-7', '1e+21', '0.1'],
    )
  }
})

test('bounds are written as Go writes them', () => {
  const vectors: [number, string][] = [
    [0, '0.0'],
    [1, '1.0'],
    [-1, '-1.0'],
    [0.005, '0.005'],
    [7.5, '7.5'],
    [100_000, '100000.0'],
    [1e6, '1e+06'],
    [1_234_567, '1.234567e+06'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1e-10, '1e-10'],
    [1e100, '1e+100'],
    [Number.POSITIVE_INFINITY, '+Inf'],
  ]
  for (const [value, text] of vectors) assert.equal(canonicalNumber(value), text)
})

test('names that meet: one type is joined, another is left out, and no series comes twice', async (t) => {
  const before = faultCounts().get('metric_name_conflict') ?? 0
  const point1 = (label: string, value: number) => ({ ...point, attributes: ['a', label], value })
  const url = await serve(
    t,
    snapshotOf([
      gauge('x', 1, { points: [point1('1', 1)] }),
      gauge('x', 1, { naming: 'prometheus', points: [point1('1', 9), point1('2', 2)] }),
      { ...base, name: 'x', naming: 'prometheus', type: 'histogram', points: [] },
      gauge('y', 1, {
        points: [
          { ...point, attributes: ['a.b', 'p', 'a_b', 'q', 'le', 'r'], value: 1 },
          { ...point, attributes: ['n', 1], value: 1 },
          { ...point, attributes: ['n', '1'], value: 2 },
        ],
      }),
      {
        ...base,
        name: 'h',
        type: 'histogram',
        points: [{ ...point, attributes: ['le', 'mine'], count: 0, sum: 0, bounds: [], bucketCounts: [0] }],
      },
      gauge('h_count', 1, { naming: 'prometheus' }),
      gauge('target_info', 5, { naming: 'prometheus' }),
      gauge('jobs', 1),
      { ...base, name: 'jobs', type: 'counter', points: [{ ...point, value: 4 }] },
    ]),
  )
  for (const format of ['text', 'openmetrics'] as const) {
    const { text } = await scrape(url, format === 'text' ? 'text/plain' : OPENMETRICS)
    const families = parseExposition(text, format)
    const lines = families.flatMap(({ samples }) =>
      samples.map(({ name, labels, value }) => `${name} ${JSON.stringify(labels)} ${value}`),
    )
    assert.deepEqual(lines, [
      'target_info {"service_name":"shop"} 1',
      'target_info {} 5',
      'x {"a":"1"} 1',
      'x {"a":"2"} 2',
      'y {"a_b":"p;q","le":"r"} 1',
      'y {"n":"1"} 1',
      'h_bucket {"exported_le":"mine","le":"+Inf"} 0',
      'h_sum {"exported_le":"mine"} 0',
      'h_count {"exported_le":"mine"} 0',
      'jobs {} 1',
      'jobs_total {} 4',
    ])
    if (format === 'openmetrics')
      assert.equal(families.find(({ name }) => name === 'jobs_total')?.type, 'unknown')
  }
  assert.equal(faultCounts().get('metric_name_conflict'), before + 4)
})

test('exemplars stay within 128 characters, the ids first', async (t) => {
  const exemplar = {
    ...TRACE,
    value: 1,
    timeUnixMs: 0,
    attributes: ['long', 'x'.repeat(100), 'user', 'évé"'],
  }
  const url = await serve(
    t,
    snapshotOf([{ ...base, name: 'c', type: 'counter', points: [{ ...point, value: 1, exemplar }] }]),
  )
  const { text } = await scrape(url, OPENMETRICS)
  const sample = parseExposition(text, 'openmetrics')[1]?.samples[0]
  assert.deepEqual(
    { ...sample?.exemplar?.labels },
    { trace_id: TRACE.traceId, span_id: TRACE.spanId, user: 'évé"' },
  )
})

test('an exponential histogram is a classic one in its own buckets', async (t) => {
  const none = { offset: 0, bucketCounts: [] }
  const given = { startTimeUnixMs: 0, scale: 0, negative: none }
  const points = [
    {
      ...given,
      attributes: ['k', 'a'],
      count: 4,
      sum: 9,
      zeroCount: 1,
      positive: { offset: 0, bucketCounts: [2, 1] },
    },
    {
      ...given,
      attributes: ['k', 'b'],
      count: 1,
      sum: 7,
      zeroCount: 0,
      positive: { offset: 2, bucketCounts: [1] },
    },
  ]
  const family = { ...base, name: 'took', unit: 's', type: 'exponential_histogram', points } as const
  const { text } = await scrape(await serve(t, snapshotOf([family])))
  const buckets = (k: string, counts: readonly number[]) =>
    ['0', '1', '2', '4', '8', '+Inf'].map(
      (le, i) => `took_seconds_bucket{k="${k}",le="${le}"} ${counts[i]}\n`,
    )
  assert.ok(
    text.includes(
      [
        '# TYPE took_seconds histogram\n',
        ...buckets('a', [1, 1, 3, 4, 4, 4]),
        'took_seconds_sum{k="a"} 9\ntook_seconds_count{k="a"} 4\n',
        ...buckets('b', [0, 0, 0, 0, 1, 1]),
        'took_seconds_sum{k="b"} 7\ntook_seconds_count{k="b"} 1\n',
      ].join(''),
    ),
    text,
  )
  parseExposition(text, 'text')
})

test('wide exponential histograms are merged to a sane number of buckets', async (t) => {
  const positive = { offset: -80, bucketCounts: new Array<number>(160).fill(1) }
  const rest = { scale: 3, zeroCount: 0, negative: { offset: 0, bucketCounts: [] } }
  const points = [{ ...point, ...rest, count: 160, sum: 1, positive }]
  const family = { ...base, name: 'took', type: 'exponential_histogram', points } as const
  const { text } = await scrape(await serve(t, snapshotOf([family])), OPENMETRICS)
  const lines = text.match(/^took_bucket.*$/gm) ?? []
  assert.ok(lines.length > 20 && lines.length <= 44, text)
  assert.match(lines.at(-1) as string, /le="\+Inf"\} 160$/)
  parseExposition(text, 'openmetrics')
})

test('meters tell their instruments of one name apart by scope labels', async (t) => {
  const scoped = (name: string, value: number, version?: string, attributes: string[] = []) =>
    gauge('size', value, {
      points: [{ ...point, attributes, value }],
      scope: { name, version, schemaUrl: undefined },
    })
  const families = [
    scoped('a', 1, '1.0'),
    scoped('b', 2),
    gauge('size', 3),
    scoped('c', 4, '', ['otel_scope_name', 'x']),
  ]
  const { text } = await scrape(await serve(t, snapshotOf(families)))
  assert.deepEqual(text.match(/^size.*$/gm), [
    'size{otel_scope_name="a",otel_scope_version="1.0"} 1',
    'size{otel_scope_name="b"} 2',
    'size 3',
    'size{otel_scope_name="x;c"} 4',
  ])
})
