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
async function run(env: Record<string, string>): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--import', 'hashira/register', join(folder, 'redis.cjs')],
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

test('by the channels of the library, unless they are switched off', async () => {
  assert.equal(count(await run({}), /db\.query\.text=GET cart:7|db\.query\.text="GET cart:7"/g), 1)
  assert.equal(count(await run({ HASHIRA_TRACING_CHANNELS: 'false' }), /cart:7/g), 0)
  assert.equal(count(await run({ HASHIRA_TRACING_CHANNELS: 'mysql2' }), /cart:7/g), 0)
})

test('by an OpenTelemetry instrumentation that is named, and then not by the channels as well', async () => {
  const output = await run({
    HASHIRA_INSTRUMENTATIONS: 'ioredis',
    // Its own default is to trace commands inside of requests only.
    HASHIRA_TRACING_CHANNELS: 'true',
  })
  assert.equal(count(output, /db\.query\.text/g), 0)
  const missing = await run({ HASHIRA_INSTRUMENTATIONS: 'nothing' })
  assert.match(missing, /HASHIRA_INSTRUMENTATIONS: @opentelemetry\/instrumentation-nothing is not installed/)
  assert.equal(count(missing, /cart:7/g), 1)
})
