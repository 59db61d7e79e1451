import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ChildApp, checkedAccount, type Ended } from '../support/child-app.ts'
import { Collector } from '../support/collector.ts'

describe('an app that requires @hashira/express and imports the rest', () => {
  const collector = new Collector()
  let ended: Ended

  before(async () => {
    const url = await collector.listen()
    const app = new ChildApp('copies/app.mjs', {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      HASHIRA_PROMETHEUS_PORT: '0',
    })
    ended = await app.ended()
  })
  after(() => collector.die())

  it('runs, and says nothing on stderr', () => {
    assert.deepEqual([ended.code, ended.stderr], [0, ''])
  })

  it('has the same functions either way', () => {
    assert.deepEqual(ended.said['SAME'], {
      start: true,
      tracer: true,
      createLogger: true,
      activeContext: true,
    })
  })

  it('has one context: the trace of the request is in spans and lines of both formats', () => {
    const spans = collector.spans.filter(({ name }) => name !== 'GET')
    assert.deepEqual(spans.map(({ name }) => name).sort(), ['GET /users/:id', 'imported', 'required'])
    const [traceId] = new Set(spans.map((span) => span.traceId))
    assert.ok(spans.every((span) => span.traceId === traceId))
    const parentOf = (name: string) => spans.find((span) => span.name === name)?.parentSpanId
    const idOf = (name: string) => spans.find((span) => span.name === name)?.spanId
    assert.equal(parentOf('imported'), idOf('GET /users/:id'))
    assert.equal(parentOf('required'), idOf('imported'))
    const lines = ended.said['LINES'] as { trace_id: string; span_id: string; msg: string }[]
    assert.deepEqual(
      lines.map(({ trace_id, span_id, msg }) => [trace_id, span_id, msg]),
      [
        [traceId, idOf('imported'), 'imported'],
        [traceId, idOf('required'), 'required'],
      ],
    )
  })

  it('has one registry: one scrape with the requests and with what the app counted', () => {
    const metrics = ended.said['METRICS'] as string
    assert.match(metrics, /^http_server_request_duration_seconds_count\{.*http_route="\/users\/:id".*\} 1$/m)
    assert.match(metrics, /^app_things_total 1$/m)
    assert.equal(metrics.match(/^# TYPE http_server_request_duration_seconds /gm)?.length, 1)
  })

  it('has one SDK: every span is exported once', () => {
    const account = checkedAccount(ended.said['FINAL'])
    assert.equal(account.delivered, account.ended)
    assert.equal(collector.spanIds.size, account.ended)
    assert.equal(collector.acceptedSpans, account.ended)
  })
})
