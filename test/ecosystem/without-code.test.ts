// What `hashira/register` observes of a library, by variables alone.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { redisServer } from './support/redis-server.ts'

const folder = join(import.meta.dirname, 'apps')
const port = await redisServer()

/** What the console exporter of the app prints. */
async function run(app: string, env: Record<string, string>): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--import', 'hashira/register', join(folder, app)],
    {
      cwd: folder,
      timeout: 60_000,
      env: {
        PATH: process.env['PATH'],
        REDIS_PORT: String(port),
        OTEL_TRACES_EXPORTER: 'console',
        OTEL_METRICS_EXPORTER: 'none',
        HASHIRA_QUIET: 'true',
        ...env,
      },
    },
  )
  return stdout + stderr
}

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0
/** As the library's channels say it, and as OpenTelemetry's instrumentation does. */
const BY_CHANNEL = /─ GET .*db\.query\.text=GET cart:7/g
const BY_INSTRUMENTATION = /─ get .*=get cart:7/g

for (const app of ['redis.cjs', 'redis.mjs']) {
  test(`${app}: by the channels of the library, unless they are switched off`, async () => {
    assert.equal(count(await run(app, {}), BY_CHANNEL), 1)
    assert.equal(count(await run(app, { HASHIRA_TRACING_CHANNELS: 'false' }), /cart:7/g), 0)
    assert.equal(count(await run(app, { HASHIRA_TRACING_CHANNELS: 'mysql2' }), /cart:7/g), 0)
  })

  test(`${app}: by an OpenTelemetry instrumentation that is named, and then not by the channels as well`, async () => {
    const output = await run(app, { HASHIRA_INSTRUMENTATIONS: 'ioredis' })
    assert.equal(count(output, BY_INSTRUMENTATION), 1, output)
    assert.equal(count(output, BY_CHANNEL), 0)
  })
}

test('an instrumentation that is not installed is one warning', async () => {
  const output = await run('redis.cjs', { HASHIRA_INSTRUMENTATIONS: 'nothing' })
  assert.match(output, /HASHIRA_INSTRUMENTATIONS: @opentelemetry\/instrumentation-nothing is not installed/)
  assert.equal(count(output, BY_CHANNEL), 1)
})
