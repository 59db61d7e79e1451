import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { buildSync } from 'esbuild'
import { Collector, type ReceivedSpan } from '../support/collector.ts'
import { type AppRun, runApp } from './run-app.ts'

const collector = new Collector()
const folder = mkdtempSync(join(tmpdir(), 'hashira-zero-code-'))
let endpoint = ''
before(async () => {
  endpoint = await collector.listen()
})
after(async () => {
  await collector.die()
  rmSync(folder, { recursive: true })
})

/** Runs the app against the collector; what it sent. */
async function observed(
  file: string,
  env: Record<string, string>,
  args?: readonly string[],
): Promise<AppRun & { spans: ReceivedSpan[] }> {
  const from = collector.spans.length
  const run = await runApp(file, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env }, args)
  return { ...run, spans: collector.spans.slice(from) }
}

/** Two requests: each a client span and a server span of one trace, and a log line inside of it. */
function check({ code, logged, spans, stderr }: Awaited<ReturnType<typeof observed>>, name: string): void {
  assert.equal(code, 0, stderr)
  const servers = spans.filter((span) => span.name === name && span.parentSpanId !== '')
  assert.equal(servers.length, 2, `${JSON.stringify(spans.map((span) => span.name))}\n${stderr}`)
  assert.equal(spans.length, 4, 'one client and one server span a request')
  for (const server of servers) {
    const parent = spans.find(({ spanId }) => spanId === server.parentSpanId)
    assert.equal(parent?.name, 'GET')
    const line = logged.find((one) => one['msg'] === 'user' && one['span_id'] === server.spanId)
    assert.equal(line?.['trace_id'], server.traceId, JSON.stringify(logged))
  }
}

describe('hashira/register', () => {
  const apps: readonly [file: string, frameworks: readonly string[], name: string][] = [
    ['express.cjs', ['express', 'express4'], 'GET /users/:id'],
    ['express.mjs', ['express', 'express4'], 'GET /users/:id'],
    ['fastify.cjs', ['fastify', 'fastify4'], 'GET /users/:id'],
    ['fastify.mjs', ['fastify', 'fastify4'], 'GET /users/:id'],
    ['http.mjs', ['node:http'], 'GET'],
  ]
  for (const [file, frameworks, name] of apps) {
    for (const FRAMEWORK of frameworks) {
      for (const flag of ['--import', '--require']) {
        it(`${flag}: ${FRAMEWORK} in ${file}`, async () => {
          check(await observed(file, { FRAMEWORK }, [flag, 'hashira/register']), name)
        })
      }
    }
  }

  for (const PINO of ['pino8', 'pino9', 'pino']) {
    for (const file of ['express.cjs', 'express.mjs']) {
      it(`correlates ${PINO} in ${file}`, async () => {
        check(await observed(file, { FRAMEWORK: 'express', PINO }), 'GET /users/:id')
      })
    }
  }

  it('a bundle that has everything in one file', async () => {
    const outfile = join(folder, 'bundled.cjs')
    buildSync({
      entryPoints: [join(import.meta.dirname, 'apps/bundled.mjs')],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      logLevel: 'error',
    })
    check(await observed(outfile, {}), 'GET /users/:id')
  })

  it('an Express app behind a listener of another kind: its routes are known from the second request on', async () => {
    const { spans, code } = await observed('express.cjs', { FRAMEWORK: 'express', WRAPPED: 'true' })
    assert.equal(code, 0)
    assert.deepEqual(spans.map(({ name }) => name).sort(), ['GET', 'GET', 'GET', 'GET /users/:id'])
  })

  for (const FRAMEWORK of ['express', 'express4']) {
    it(`an app that is mounted in another one has the path of its mount: ${FRAMEWORK}`, async () => {
      const { spans, stderr } = await observed('mounted.cjs', { FRAMEWORK })
      const names = spans.map(({ name }) => name).sort()
      assert.deepEqual(names, ['GET', 'GET', 'GET', 'GET /api/users/:id'], stderr)
    })
  }

  for (const TIMES of ['1', '2']) {
    it(`leaves nothing behind when Hashira is shut down, registered ${TIMES} times`, async () => {
      const { logged, stderr } = await observed('stopped.cjs', { TIMES }, [])
      assert.deepEqual(logged, [{ msg: 'stopped', left: [], created: 2 }], stderr)
    })
  }

  it('twice in one command line observes once', async () => {
    const flags = ['--import', 'hashira/register', '--require', 'hashira/register']
    for (const FRAMEWORK of ['express', 'fastify'])
      check(await observed(`${FRAMEWORK}.mjs`, { FRAMEWORK }, flags), 'GET /users/:id')
  })

  for (const FRAMEWORK of ['express', 'fastify']) {
    it(`leaves an app of ${FRAMEWORK} that observes itself to its own options`, async () => {
      const { logged, spans, stderr } = await observed('observed-itself.mjs', { FRAMEWORK })
      const durations = logged.find(({ msg }) => msg === 'durations')
      const points = durations?.['points'] as [string[], number][]
      assert.equal(points.length, 1, stderr)
      const [attributes, count] = points[0]!
      assert.deepEqual([attributes[attributes.indexOf('tenant') + 1], count], ['acme', 2])
      assert.equal(spans.filter(({ name }) => name === 'GET /users/:id').length, 2)
    })
  }

  it('by NODE_OPTIONS: npm opens no port and says nothing, the app that it runs does', async () => {
    const manifest = {
      name: 'started-by-npm',
      scripts: { start: `node ${join(import.meta.dirname, 'apps/http.mjs')}` },
    }
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
    const root = join(import.meta.dirname, '../..')
    const register = join(root, 'packages/sdk/dist/register.mjs')
    const from = collector.spans.length
    const { stdout: said } = await promisify(execFile)('sh', ['-c', 'npm start --silent 2>&1'], {
      cwd: folder,
      encoding: 'utf8',
      env: {
        ...process.env,
        NODE_OPTIONS: `--import=${register}`,
        HASHIRA_PROMETHEUS_PORT: '0',
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        PINO: join(root, 'node_modules/pino/pino.js'),
        HASHIRA_PARENT_PID: undefined,
      },
    })
    const lines = said.split('\n').filter((line) => line.startsWith('hashira:'))
    assert.equal(lines.length, 1, said)
    assert.match(lines[0]!, /metrics http:\/\/localhost:\d+\/metrics/)
    assert.deepEqual(
      collector.spans
        .slice(from)
        .map(({ name }) => name)
        .sort(),
      ['GET', 'GET', 'GET', 'GET'],
    )
  })

  it('a bad variable is a line, and the app runs', async () => {
    const { code, stderr } = await observed('http.mjs', { OTEL_TRACES_EXPORTER: 'nowhere' })
    assert.equal(code, 0)
    assert.match(stderr, /HASHIRA_EXPORTER_NOT_FOUND/)
  })

  it('OTEL_SDK_DISABLED=true records nothing', async () => {
    const { code, spans, logged } = await observed('fastify.mjs', {
      FRAMEWORK: 'fastify',
      OTEL_SDK_DISABLED: 'true',
    })
    assert.deepEqual([code, spans.length], [0, 0])
    assert.ok(logged.some(({ msg }) => msg === 'user'))
  })
})
