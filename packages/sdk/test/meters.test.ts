import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'

const folder = join(__dirname, 'fixtures', 'meters')

async function run(options: object, env: Record<string, string> = {}): Promise<[text: string, ...unknown[]]> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(OTEL|HASHIRA)_/.test(name))
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'app.mjs')], {
    cwd: folder,
    env: {
      ...Object.fromEntries(inherited),
      HASHIRA_PROMETHEUS_PORT: '0',
      HASHIRA_QUIET: 'true',
      OPTIONS: JSON.stringify(options),
      ...env,
    },
  })
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line)) as [string, ...unknown[]]
}

describe('instruments of the OpenTelemetry API', () => {
  it('made before start() are in the scrape, with what they measured before it', async () => {
    const [text, afterShutdown, afterRestart] = await run({})
    const scope = 'otel_scope_name="shop",otel_scope_version="1.0"'
    assert.ok(text.includes(`orders_total{user_id="before start",kind="online",${scope}} 1\n`), text)
    assert.ok(text.includes(`orders_total{user_id="after start",kind="online",${scope}} 1\n`))
    assert.ok(text.includes(`order_duration_seconds_bucket{kind="online",${scope},le="0.1"} 1\n`))
    assert.ok(text.includes(`order_duration_seconds_count{kind="online",${scope}} 2\n`))
    assert.ok(text.includes(`stock{shelf="a",${scope}} 7\n`))
    assert.equal(afterShutdown, 'NoopMeterProvider', 'shutdown() gives the place back')
    assert.equal(afterRestart, true)
  })

  it('are shaped by the views of start()', async () => {
    const [text] = await run({
      views: [
        { instrumentName: 'orders', attributeKeys: ['kind'] },
        { instrumentName: 'order.*', aggregation: 'base2_exponential_bucket_histogram' },
        { instrumentName: 'stock', aggregation: 'drop' },
        { instrumentName: 'v8js.*', meterName: 'hashira', aggregation: 'drop' },
        { instrumentName: 'http.client.*', attributeKeys: ['http.request.method'], buckets: [1000] },
        { instrumentName: 'process.uptime', name: 'process.age' },
      ],
    })
    assert.match(text, /^orders_total\{kind="online",otel_scope_name="shop",otel_scope_version="1\.0"\} 2$/m)
    assert.match(text, /^order_duration_seconds_bucket\{.*le="0\.5"\} \d$/m)
    assert.doesNotMatch(text, /^stock|^v8js|process_uptime/m)
    assert.match(text, /^process_age_seconds /m)
    assert.deepEqual(text.match(/^http_client_request_duration_seconds_bucket.*$/gm), [
      'http_client_request_duration_seconds_bucket{http_request_method="GET",le="1000"} 1',
      'http_client_request_duration_seconds_bucket{http_request_method="GET",le="+Inf"} 1',
    ])
  })

  it('measure nothing with OTEL_SDK_DISABLED', async () => {
    const [text] = await run({}, { OTEL_SDK_DISABLED: 'true' })
    assert.doesNotMatch(text, /^orders|^order_|^stock/m)
  })

  it('reach OTLP under their scope, exponential histograms as they are', async (t) => {
    const bodies: string[] = []
    const server = createServer(async (request, response) => {
      let body = ''
      for await (const text of request.setEncoding('utf8')) body += text
      bodies.push(body)
      response.end('{}')
    }).listen(0, '127.0.0.1')
    t.after(() => server.close())
    await once(server, 'listening')
    const views = [{ instrumentName: 'order.duration', aggregation: 'base2_exponential_bucket_histogram' }]
    await run(
      { views },
      {
        OTEL_METRICS_EXPORTER: 'prometheus,otlp',
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
      },
    )
    // biome-ignore lint/suspicious/noExplicitAny: decoded requests are compared field by field
    const requests: any[] = bodies.map((body) => JSON.parse(body))
    const scopes = requests.flatMap(({ resourceMetrics }) => resourceMetrics?.[0].scopeMetrics ?? [])
    const shop = scopes.filter(({ scope }) => scope.name === 'shop' && scope.version === '1.0')
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const metrics: any[] = shop.flatMap((scope) => scope.metrics)
    const sums = metrics.filter(({ name }) => name === 'orders').flatMap(({ sum }) => sum.dataPoints)
    assert.equal(sums.length, 2)
    const took = metrics.find(({ name }) => name === 'order.duration').exponentialHistogram
    assert.equal(took.aggregationTemporality, 1)
    // The one before start() was measured in explicit buckets, which can't become exponential ones.
    const [{ count, sum, min, max, zeroCount, positive }] = took.dataPoints
    assert.deepEqual(
      { count, sum, min, max, zeroCount },
      { count: '1', sum: 0.5, min: 0.5, max: 0.5, zeroCount: '0' },
    )
    assert.equal(
      positive.bucketCounts.reduce((all: number, one: string) => all + Number(one), 0),
      1,
    )
    assert.ok(scopes.some(({ scope }) => scope.name === 'hashira'))
  })

  it('work in an app that knows nothing of Hashira, by --import and by --require', async () => {
    for (const flag of ['--import', '--require']) {
      const args = [flag, 'hashira/register', join(folder, 'zero-code.mjs')]
      const env = { ...process.env, HASHIRA_PROMETHEUS_PORT: 'none', HASHIRA_QUIET: 'true' }
      const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env })
      assert.deepEqual(JSON.parse(stdout), ['orders', 3], flag)
    }
  })

  it('bad views are refused by start() with what is allowed', async () => {
    await assert.rejects(
      run({ views: [{ name: 'x' }] }),
      /start\(\): views\[0\] says of no instrument.*HASHIRA_OPTION_INVALID/,
    )
    await assert.rejects(run({ views: 1 }), /views.*a list of views.*HASHIRA_OPTION_INVALID/s)
  })
})
