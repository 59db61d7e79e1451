import assert from 'node:assert/strict'
import { test } from 'node:test'
import { prometheusName, setDiagnosticSink } from '@hashira/core'
import { httpClientMetrics, httpServerMetrics, type Recorder } from '@hashira/metrics-red'

const name = (recorder: Recorder) => prometheusName({ ...recorder, naming: 'opentelemetry' })

test('the RED metrics have OpenTelemetry’s names, labels and buckets, once per process', (t) => {
  const lines: string[] = []
  setDiagnosticSink((_, line) => lines.push(line))
  t.after(() => setDiagnosticSink(undefined))
  const server = httpServerMetrics({ extraLabels: ['tenant'] })
  const client = httpClientMetrics()
  assert.equal(httpServerMetrics().duration, server.duration)
  assert.equal(httpClientMetrics().duration, client.duration)
  assert.deepEqual(lines, [])
  assert.equal(httpServerMetrics({ buckets: [1] }).duration, server.duration)
  assert.match(lines.join(), /the first settings of a process hold/)
  assert.equal(name(server.duration), 'http_server_request_duration_seconds')
  assert.equal(name(server.activeRequests), 'http_server_active_requests')
  assert.equal(name(client.duration), 'http_client_request_duration_seconds')
  server.duration.handle(['GET', undefined, 404, 'http', undefined, '1.1', 'acme']).record(0.03)
  const [point] = server.duration.collect().points
  assert.deepEqual(point?.attributes, [
    'http.request.method',
    'GET',
    'http.response.status_code',
    404,
    'url.scheme',
    'http',
    'network.protocol.version',
    '1.1',
    'tenant',
    'acme',
  ])
  assert.deepEqual(point?.bounds, [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10])
})
