import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import type { Status } from 'hashira'
import { runShop } from './run-shop'

describe('start()', { concurrency: 2 }, () => {
  it('says one line: the service and where its name is from, the metrics URL, and the next step for traces', async () => {
    const { lines, said } = await runShop(['settle', 'scrape'])
    const [[url], scraped] = said as [string[], boolean]
    assert.equal(lines.length, 1)
    assert.match(lines[0]!, /observing fixture-shop \(from package\.json\)/)
    assert.ok(lines[0]!.includes(url!))
    assert.match(lines[0]!, /OTEL_EXPORTER_OTLP_ENDPOINT/)
    assert.equal(scraped, true)
  })

  it('is quiet with HASHIRA_QUIET=true', async () => {
    assert.deepEqual((await runShop(['settle'], { HASHIRA_QUIET: 'true' })).lines, [])
  })

  it('takes the service from OTEL_SERVICE_NAME before OTEL_RESOURCE_ATTRIBUTES, the version and environment from the latter', async () => {
    const { said } = await runShop(['status'], {
      OTEL_SERVICE_NAME: 'named',
      OTEL_RESOURCE_ATTRIBUTES:
        'service.name=other,service.version=9%2E9,deployment.environment.name=staging',
    })
    assert.deepEqual((said[0] as Status).service, { name: 'named', version: '9.9', environment: 'staging' })
  })

  it('takes attributes of code and of OTEL_RESOURCE_ATTRIBUTES together, those of code first', async () => {
    const { said, lines } = await runShop(['status', 'settle'], {
      OPTIONS: JSON.stringify({ resourceAttributes: { 'service.name': 'coded', team: 'payments' } }),
      OTEL_SERVICE_NAME: 'named',
      OTEL_RESOURCE_ATTRIBUTES: 'service.version=9,deployment.environment.name=staging',
    })
    assert.deepEqual((said[0] as Status).service, { name: 'coded', version: '9', environment: 'staging' })
    assert.match(lines[0]!, /observing coded \(from start\(\)\)/)
  })

  it('does not advise where traces may go when somebody has chosen', async () => {
    for (const env of [{ HASHIRA_EXPORTERS: 'prometheus' }, { OTEL_TRACES_EXPORTER: 'None' }]) {
      const { lines } = await runShop(['settle'], env)
      assert.match(lines[0]!, /metrics http.* traces go nowhere$/)
    }
  })

  it('takes the names of propagators in any case', async () => {
    const { said, lines } = await runShop(['globals'], {
      OTEL_PROPAGATORS: 'TraceContext',
      HASHIRA_QUIET: 'true',
    })
    assert.deepEqual((said[0] as { fields: string[] }).fields, ['traceparent', 'tracestate'])
    assert.deepEqual(lines, [])
  })

  it('shows no credentials of a URL that is not allowed', async () => {
    const { lines } = await runShop(['settle'], {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'user:hunter2@collector:4318/?api_key=s3cr3t',
    })
    assert.equal(lines.filter((line) => line.includes('[HASHIRA_OPTION_INVALID]')).length, 1)
    assert.doesNotMatch(lines.join(), /hunter2|s3cr3t/)
  })

  it('brings tracers to life that were taken before it', async () => {
    assert.deepEqual((await runShop(['earlyTracer'])).said, [true])
  })

  it('sends traces to OTLP as soon as anything of OTLP is set, metrics stay with Prometheus', async () => {
    const { said, lines } = await runShop(['settle', 'status'], {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    })
    assert.equal((said[0] as string[]).length, 1)
    assert.deepEqual(
      (said[1] as Status).exporters.map(({ exporter, signal }) => [exporter, signal]),
      [['otlp', 'traces']],
    )
    assert.match(lines[0]!, /traces otlp http:\/\/127\.0\.0\.1:1\/v1\/traces/)
  })

  it('says where logs go when they go anywhere', async () => {
    const { lines } = await runShop(['settle'], {
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    })
    assert.match(lines[0]!, /traces go nowhere · logs otlp http:\/\/127\.0\.0\.1:1\/v1\/logs$/)
  })

  it('opens no port when HASHIRA_EXPORTERS names others', async () => {
    const { said } = await runShop(['settle', 'status'], { HASHIRA_EXPORTERS: 'jaeger' })
    assert.deepEqual(said[0], [])
    assert.deepEqual(
      (said[1] as Status).exporters.map(({ exporter }) => exporter),
      ['jaeger'],
    )
  })

  it('warns of a bad variable once, with its code, and uses the default', async () => {
    const { lines, code } = await runShop(['status'], {
      OTEL_TRACES_SAMPLER: 'mostly',
      HASHIRA_SHUTDOWN_TIMEOUT: 'soon',
      OTEL_TRACES_EXPORTER: 'nowhere',
      OTEL_PROPAGATORS: 'tracecontext,pigeon',
      HASHIRA_QUIET: 'true',
    })
    assert.equal(code, 0)
    assert.equal(lines.length, 4, lines.join('\n'))
    for (const text of ['"mostly"', '"soon"', '"nowhere"', '"pigeon"']) {
      assert.equal(lines.filter((line) => line.includes(text)).length, 1, text)
    }
    assert.equal(lines.filter((line) => line.includes('[HASHIRA_OPTION_INVALID]')).length, 3)
    assert.equal(lines.filter((line) => line.includes('[HASHIRA_EXPORTER_NOT_FOUND]')).length, 1)
  })

  it('a busy port is one warning, and the app goes on', async () => {
    const other = createServer().listen(0)
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    const { said, lines, code } = await runShop(['settle'], {
      HASHIRA_PROMETHEUS_PORT: String(port),
      HASHIRA_QUIET: 'true',
    })
    other.close()
    assert.equal(code, 0)
    assert.deepEqual(said, [[]])
    assert.equal(lines.length, 1)
    assert.match(lines[0]!, /HASHIRA_PORT_BUSY/)
  })

  it('OTEL_SDK_DISABLED=true: no spans, but propagation', async () => {
    const { said } = await runShop(['earlyTracer', 'globals', 'status'], { OTEL_SDK_DISABLED: 'true' })
    assert.equal(said[0], false)
    assert.deepEqual((said[1] as { fields: string[] }).fields, ['traceparent', 'tracestate', 'baggage'])
    assert.equal((said[2] as Status).state, 'off')
  })

  it('OTEL_SDK_DISABLED=true: the start line says so, and the app’s metrics are served', async () => {
    const { said, lines } = await runShop(['settle', 'scrape'], { OTEL_SDK_DISABLED: 'true' })
    assert.equal(lines.length, 1)
    assert.match(lines[0]!, /observing nothing of fixture-shop: OTEL_SDK_DISABLED is true/)
    assert.equal((said[0] as string[]).length, 1)
    assert.equal(said[1], true)
  })

  it('stopped at once, leaves no listener that was about to open', async () => {
    assert.deepEqual((await runShop(['stopAtOnce'], { HASHIRA_QUIET: 'true' })).said, [[]])
  })

  it('process.exit() during shutdown() loses nothing unsaid', async () => {
    const { lines, code } = await runShop(['record', 'exitDuringShutdown'], {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      HASHIRA_QUIET: 'true',
    })
    assert.equal(code, 0)
    assert.deepEqual(lines, ['hashira: 1 item was not delivered before the process ended'])
  })

  it('shutdown() that can not deliver says how much is lost', async () => {
    const { lines, said } = await runShop(['record', 'shutdown'], {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      HASHIRA_QUIET: 'true',
    })
    assert.deepEqual((said.at(-1) as Status).exporters[0]!.dropped, { shutdown_timeout: 1 })
    assert.match(lines.at(-1)!, /^hashira: 1 item was not delivered before Hashira shut down$/)
  })

  it('child processes and worker threads open nothing and say nothing', async () => {
    const { said } = await runShop(['settle', 'child', 'thread'])
    assert.equal((said[0] as string[]).length, 1)
    assert.equal(said[1], '[]\n')
    assert.equal(said[2], '[]\n')
  })

  it('on Lambda nothing listens', async () => {
    assert.deepEqual((await runShop(['settle'], { AWS_LAMBDA_FUNCTION_NAME: 'fn' })).said, [[]])
  })

  it('shutdown() leaves nothing behind, and start() may follow', async () => {
    const { said } = await runShop([
      'settle',
      'shutdown',
      'listeners',
      'globals',
      'again',
      'earlyTracer',
      'shutdown',
    ])
    assert.equal((said[1] as Status).state, 'stopped')
    assert.deepEqual(said[2], [0, 0, 0, 0])
    assert.equal((said[3] as { provider: string }).provider, 'NoopTracerProvider')
  })
})

describe('ensureStarted(), which observe() calls', () => {
  it('opens the port when the process listens, not before', async () => {
    const { said, lines } = await runShop(['settle', 'listen'], { ENSURE: 'true' })
    assert.deepEqual(said[0], [])
    assert.equal((said[1] as string[]).length, 1)
    assert.equal(lines.length, 1)
  })

  it('opens it at once when the process listens already', async () => {
    const { said, lines } = await runShop(['settle'], { ENSURE: 'true', LISTENING: 'true' })
    assert.equal((said[0] as string[]).length, 1)
    assert.equal(lines.length, 1)
  })

  it('opens it once, although another library has wrapped listen() after us', async () => {
    const { said, lines } = await runShop(['wrapListen', 'listenMore'], { ENSURE: 'true' })
    assert.equal((said[1] as string[]).length, 1)
    assert.equal(lines.length, 1)
  })

  it('leaves the port to a child when it serves nothing itself, as npm does', async () => {
    const { said } = await runShop(['settle', 'child'], { ENSURE: 'true', CHILD_STEPS: '["listen"]' })
    assert.deepEqual(said[0], [])
    assert.match(String(said[1]), /http:/)
  })
})
