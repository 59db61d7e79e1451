import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
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
        { instrumentName: 'process.uptime', name: 'process.age' },
      ],
    })
    assert.match(text, /^orders_total\{kind="online",otel_scope_name="shop",otel_scope_version="1\.0"\} 1$/m)
    assert.match(text, /^order_duration_seconds_bucket\{.*le="0\.5"\} \d$/m)
    assert.doesNotMatch(text, /^stock|^v8js|process_uptime/m)
    assert.match(text, /^process_age_seconds /m)
  })

  it('measure nothing with OTEL_SDK_DISABLED', async () => {
    const [text] = await run({}, { OTEL_SDK_DISABLED: 'true' })
    assert.doesNotMatch(text, /^orders|^order_|^stock/m)
  })

  it('bad views are refused by start() with what is allowed', async () => {
    await assert.rejects(
      run({ views: [{ name: 'x' }] }),
      /start\(\): views\[0\] says of no instrument.*HASHIRA_OPTION_INVALID/,
    )
    await assert.rejects(run({ views: 1 }), /views.*a list of views.*HASHIRA_OPTION_INVALID/s)
  })
})
