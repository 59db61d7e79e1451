import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type MetricFamily, prometheusLabel, prometheusName, prometheusUnit } from '@hashira/core'

type Vector = readonly [name: string, unit: string, type: MetricFamily['type'], expected: string]

const OPENTELEMETRY: readonly Vector[] = [
  ['http.server.request.duration', 's', 'histogram', 'http_server_request_duration_seconds'],
  ['http.client.request.duration', 's', 'histogram', 'http_client_request_duration_seconds'],
  ['http.server.active_requests', '{request}', 'updowncounter', 'http_server_active_requests'],
  ['foo.bar', 'By', 'counter', 'foo_bar_bytes_total'],
  ['foo.bar.bytes', 'By', 'gauge', 'foo_bar_bytes'],
  ['foo.bar.total', 'By', 'counter', 'foo_bar_bytes_total'],
  ['foo', '1', 'gauge', 'foo_ratio'],
  ['foo', '1', 'counter', 'foo_total'],
  ['foo', '1', 'histogram', 'foo'],
  ['foo', '', 'gauge', 'foo'],
  ['foo', '%', 'gauge', 'foo_percent'],
  ['speed', 'm/s', 'gauge', 'speed_meters_per_second'],
  ['rate', '{packet}/s', 'gauge', 'rate_per_second'],
  ['foo', 'furlong', 'gauge', 'foo_furlong'],
  ['foo  bar--baz', '', 'gauge', 'foo_bar_baz'],
  ['2xx.responses', '', 'counter', '_2xx_responses_total'],
  ['größe', '', 'gauge', 'gr_e'],
]

test('OpenTelemetry’s names become Prometheus’s', () => {
  for (const [name, unit, type, expected] of OPENTELEMETRY)
    assert.equal(prometheusName({ name, unit, type, naming: 'opentelemetry' }), expected, name)
})

test('Prometheus’s names stay', () => {
  for (const name of ['jobs_done', 'jobs_total', 'job:rate5m', 'a__b', '_x'])
    assert.equal(prometheusName({ name, unit: '', type: 'counter', naming: 'prometheus' }), name)
  assert.equal(prometheusName({ name: 'a.b', unit: '', type: 'gauge', naming: 'prometheus' }), 'a_b')
  assert.equal(prometheusUnit({ name: 'x', unit: 'seconds', type: 'gauge', naming: 'prometheus' }), 'seconds')
})

test('labels', () => {
  const vectors = {
    'http.route': 'http_route',
    'a..b': 'a_b',
    '1st': 'key_1st',
    '': 'key_',
    __name__: '_name_',
  }
  for (const [key, label] of Object.entries(vectors)) assert.equal(prometheusLabel(key), label)
})
