// The demo's traces, read back from the real Jaeger.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { given } from './given.mjs'
import { edgesOf, JaegerQuery, serviceOf, tagOf } from './jaeger/query.mjs'
import { waitFor } from './wait-for.mjs'

const { jaeger, describe, it, before } = given('jaeger')
const query = new JaegerQuery(jaeger.queryUrl)

describe('the demo in the real Jaeger', () => {
  let slow
  let failed

  before(async () => {
    const demo = spawn(
      process.execPath,
      [fileURLToPath(new URL('../../examples/shop/demo.mjs', import.meta.url)), '--once', '--requests', '60'],
      { env: { ...process.env, JAEGER_OTLP_ENDPOINT: jaeger.otlpUrl }, stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let printed = ''
    demo.stdout.setEncoding('utf8').on('data', (text) => {
      printed += text
    })
    const [code] = await once(demo, 'close')
    assert.equal(code, 0, printed)
    const traceId = /One slow trace.*\(([0-9a-f]{32})\)/.exec(printed)[1]
    slow = await waitFor('the slow trace', () => query.trace(traceId))
    failed = await waitFor('a failed trace', async () => {
      const traces = await query.findTraces({ service: 'payments', operation: 'POST /payments', limit: 100 })
      return traces.find((trace) =>
        trace.spans.some(
          (span) => tagOf(span, 'error') === true && tagOf(span, 'http.response.status_code') === 500,
        ),
      )
    })
  })

  it('knows both services', async () => {
    const services = await query.services()
    for (const name of ['storefront', 'payments']) assert.ok(services.includes(name), name)
  })

  it('has one trace from the request over both services to the database', () => {
    const edges = edgesOf(slow)
    for (const edge of [
      'storefront: POST /checkout/:cart -> storefront: price the cart',
      'storefront: POST /checkout/:cart -> storefront: POST',
      'storefront: POST -> payments: POST /payments',
      'payments: POST /payments -> payments: charge card',
      'payments: charge card -> payments: wait for the bank',
    ]) {
      assert.ok(edges.includes(edge), `${edge} is not among\n${edges.join('\n')}`)
    }
  })

  it('has the database span, from the instrumentation that OpenTelemetry publishes', () => {
    const span = slow.spans.find((span) => /INSERT/.test(span.operationName))
    assert.equal(serviceOf(slow, span), 'payments')
    assert.equal(tagOf(span, 'span.kind'), 'client')
    assert.equal(tagOf(span, 'db.system') ?? tagOf(span, 'db.system.name'), 'postgresql')
  })

  it('marks the failed request, with the exception that caused it', () => {
    const span = failed.spans.find((span) => span.operationName === 'POST /payments')
    assert.equal(tagOf(span, 'otel.status_code'), 'ERROR')
    const exceptions = failed.spans.flatMap(({ logs }) => logs.map(({ fields }) => ({ tags: fields })))
    const messages = exceptions.map((log) => tagOf(log, 'exception.message'))
    assert.ok(messages.includes('the bank closed the connection'), messages.join(', '))
  })

  it('shows the process: service, version of the distribution, host', () => {
    const process = Object.values(slow.processes).find(({ serviceName }) => serviceName === 'payments')
    for (const key of ['service.instance.id', 'host.name', 'process.pid', 'telemetry.distro.name']) {
      assert.notEqual(
        tagOf(process, key) ?? slow.spans.map((span) => tagOf(span, key)).find(Boolean),
        undefined,
        key,
      )
    }
  })
})
