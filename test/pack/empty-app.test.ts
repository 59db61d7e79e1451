import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { waitFor } from '../backends/wait-for.mjs'
import { readmeApps, runReadmeApp } from './readme-apps.ts'
import { REGISTERED_CJS, REGISTERED_ESM, withReceivers } from './registered-app.ts'
import { entriesOf, packAll, type Tarball } from './tarballs.ts'

const run = promisify(execFile)

// One request through each framework, then what the three pillars say about it.
const BODY = `
process.env.HASHIRA_QUIET = 'true'
async function main({ express, observeExpress, fastify, observeFastify, Koa, observeKoa, tracer, logger, createLogger, start, prometheus, memory, metricsHandler, registry }) {
  const lines = []
  const log = createLogger({}, { write: (line) => lines.push(JSON.parse(line)) })
  const hashira = start({ serviceName: 'packed', exporters: [prometheus({ port: 0, host: '127.0.0.1' }), memory] })
  const app = express()
  app.use(observeExpress())
  app.get('/orders/:id', (req, res) => tracer.span('load', () => { log.info('inside'); res.json({ id: req.params.id }) }))
  app.get('/metrics', metricsHandler())
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const origin = 'http://127.0.0.1:' + server.address().port
  await (await fetch(origin + '/orders/7')).text()
  const other = fastify()
  await other.register(observeFastify)
  other.get('/carts/:id', async () => ({ ok: true }))
  await other.ready()
  await other.inject('/carts/1')
  const koa = new Koa()
  koa.use(observeKoa())
  koa.use((ctx) => { ctx.body = 'ok' })
  const third = koa.listen(0, '127.0.0.1')
  await new Promise((resolve) => third.once('listening', resolve))
  await (await fetch('http://127.0.0.1:' + third.address().port + '/any')).text()
  third.close(); third.closeAllConnections()
  const metrics = await (await fetch(origin + '/metrics')).text()
  server.close(); server.closeAllConnections(); await other.close()
  const status = await hashira.shutdown({ timeoutMs: 2000 })
  console.log(JSON.stringify({ names: memory.spans.map((span) => span.name), scopes: memory.spans.map((span) => span.scope.name), metrics, lines, status, sameTrace: lines[0].trace_id === memory.spans.find((span) => span.name === 'load').traceId }))
}
`

const ESM = `
import express from 'express'
import fastify from 'fastify'
import { observe as observeExpress } from '@hashira/express'
import observeFastify from '@hashira/fastify'
import Koa from 'koa'
import { observe as observeKoa } from '@hashira/http/koa'
import { tracer } from '@hashira/tracing'
import { logger, createLogger } from '@hashira/logs'
import { registry } from '@hashira/metrics-red'
import { start } from 'hashira'
import { prometheus, metricsHandler } from '@hashira/exporter-prometheus'
import { memoryExporter } from '@hashira/testing'
${BODY}
await main({ express, observeExpress, fastify, observeFastify, Koa, observeKoa, tracer, logger, createLogger, start, prometheus, metricsHandler, registry, memory: memoryExporter() })
`

const CJS = `
const express = require('express')
const fastify = require('fastify')
const { observe: observeExpress } = require('@hashira/express')
const observeFastify = require('@hashira/fastify')
const Koa = require('koa')
const { observe: observeKoa } = require('@hashira/http/koa')
const { tracer } = require('@hashira/tracing')
const { logger, createLogger } = require('@hashira/logs')
const { registry } = require('@hashira/metrics-red')
const { start } = require('hashira')
const { prometheus, metricsHandler } = require('@hashira/exporter-prometheus')
const { memoryExporter } = require('@hashira/testing')
${BODY}
main({ express, observeExpress, fastify, observeFastify: observeFastify.default, Koa, observeKoa, tracer, logger, createLogger, start, prometheus, metricsHandler, registry, memory: memoryExporter() })
`

// Of the peers, those that an entry needs to load. Hono, Nest and the AWS SDK are the app's to bring when it uses them.
const PEERS = ['express@5', 'fastify@5', 'koa@3', 'pino@10', 'prom-client@15', 'cls-hooked@4']

// The names of every entry of every package, in both formats, which have to be the same objects.
const ENTRIES = `
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const seen = {}
for (const entry of JSON.parse(process.env.ENTRIES)) {
  const [imported, required] = [await import(entry), require(entry)]
  const names = Object.keys(required).filter((name) => name !== '__esModule')
  seen[entry] = { names: names.length, differ: names.filter((name) => imported[name] !== required[name]) }
}
console.log(JSON.stringify(seen))
process.exit()
`

// Not a word of Hashira; where its metrics are is looked up in the start line.
const PLAIN = `
const express = require('express')
const write = process.stderr.write
let said = ''
process.stderr.write = function (text, ...rest) { said += text; return write.call(this, text, ...rest) }
const app = express()
app.get('/orders/:id', (_request, response) => response.end())
const server = app.listen(0, '127.0.0.1', async () => {
  await (await fetch('http://127.0.0.1:' + server.address().port + '/orders/7')).text()
  const url = /metrics (\\S+)/.exec(said)[1]
  console.log(await (await fetch(url)).text())
  process.exit()
})
`

describe('the tarballs in an empty app', () => {
  let app: string
  let tarballs: Tarball[]
  before(async () => {
    tarballs = await packAll()
    app = await mkdtemp(join(tmpdir(), 'hashira-app-'))
    await writeFile(
      join(app, 'package.json'),
      JSON.stringify({ name: 'empty-app', version: '1.2.3', private: true }),
    )
    await writeFile(join(app, 'app.mjs'), ESM)
    await writeFile(join(app, 'app.cjs'), CJS)
    await writeFile(join(app, 'entries.mjs'), ENTRIES)
    await writeFile(join(app, 'plain.cjs'), PLAIN)
    await writeFile(join(app, 'registered.mjs'), REGISTERED_ESM)
    await writeFile(join(app, 'registered.cjs'), REGISTERED_CJS)
    const packages = [...tarballs.map(({ path }) => path), ...PEERS]
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages], { cwd: app })
  })

  for (const file of ['app.mjs', 'app.cjs']) {
    it(`works in ${file}`, async () => {
      const { stdout, stderr } = await run(process.execPath, [file], { cwd: app })
      assert.equal(stderr, '')
      const seen = JSON.parse(stdout) as {
        names: string[]
        metrics: string
        lines: Record<string, unknown>[]
        status: { exporters: { ended: number; delivered: number }[] }
        sameTrace: boolean
      }
      assert.ok(seen.names.includes('GET /orders/:id'))
      assert.ok(seen.names.includes('GET /carts/:id'))
      assert.ok(seen.sameTrace)
      assert.equal(seen.lines[0]!['service.name'], 'packed')
      assert.equal(seen.lines[0]!['service.version'], '1.2.3')
      assert.match(
        seen.metrics,
        /http_server_request_duration_seconds_count\{[^}]*http_route="\/orders\/:id"/,
      )
      assert.ok(seen.names.includes('GET'), 'the span of the Koa app, which has no routes')
      for (const { ended, delivered } of seen.status.exporters) assert.equal(delivered, ended)
    })
  }

  it('has the same objects in every entry of every package, imported and required', async () => {
    const entries = (await Promise.all(tarballs.map(entriesOf))).flat()
    assert.ok(entries.includes('hashira/register') && entries.includes('@hashira/http/koa'), String(entries))
    const env = { ...process.env, ENTRIES: JSON.stringify(entries), HASHIRA_QUIET: 'true' }
    const { stdout } = await run(process.execPath, ['entries.mjs'], { cwd: app, env })
    const seen = JSON.parse(stdout) as Record<string, { names: number; differ: string[] }>
    assert.deepEqual(Object.keys(seen), entries)
    for (const [entry, { names, differ }] of Object.entries(seen)) {
      assert.deepEqual(differ, [], entry)
      assert.ok(names > 0 || entry === 'hashira/register', entry)
    }
  })

  for (const flag of ['--import', '--require']) {
    it(`observes an app that says nothing, by ${flag} hashira/register`, async () => {
      const { stdout, stderr } = await run(process.execPath, [flag, 'hashira/register', 'plain.cjs'], {
        cwd: app,
        env: { ...process.env, HASHIRA_PROMETHEUS_PORT: '0', HASHIRA_PROMETHEUS_HOST: '127.0.0.1' },
      })
      assert.match(
        stderr,
        /^hashira: observing empty-app \(from package.json\) · metrics http:\/\/\S+ · traces go nowhere/,
      )
      assert.match(stdout, /http_server_request_duration_seconds_count\{[^}]*http_route="\/orders\/:id"/)
    })
  }

  it('is what the README says, for Express and for Fastify', async () => {
    assert.deepEqual([...readmeApps.keys()], ['@hashira/express', '@hashira/fastify'])
    for (const text of readmeApps.values()) {
      const { origin, metricsUrl, output, stop } = await runReadmeApp(text, app, {
        OTEL_TRACES_EXPORTER: 'console',
      })
      try {
        const user = await waitFor('an answer', async () => (await fetch(`${origin}/users/7`)).json())
        assert.deepEqual(user, { id: '7', name: 'Aoi' })
        await waitFor('the tree', () =>
          /^GET \/users\/:id .*server http\.response\.status_code=200/m.test(output.stdout),
        )
        const traceId = /^empty-app · trace ([0-9a-f]{32}) · \d spans?/m.exec(output.stdout)![1]
        assert.match(
          output.stdout,
          new RegExp(`^\\{"level":30,"time":\\d+,"trace_id":"${traceId}".*"msg":"load`, 'm'),
        )
        const headers = { accept: 'application/openmetrics-text; version=1.0.0' }
        const metrics = await (await fetch(metricsUrl, { headers })).text()
        assert.match(metrics, new RegExp(`http_route="/users/:id".* # \\{trace_id="${traceId}"`))
        assert.equal(
          output.stderr,
          `hashira: observing empty-app (from package.json) · metrics ${metricsUrl} · traces console stdout\n`,
        )
      } finally {
        await stop()
      }
    }
  })

  for (const [file, flag] of [
    ['registered.mjs', '--import'],
    ['registered.cjs', '--require'],
  ] as const) {
    it(`${flag} hashira/register, with exporters by their names, in ${file}`, async () => {
      await withReceivers(async ({ env, datadogSpans, xrayNames, dogstatsdLines }) => {
        const { stderr } = await run(process.execPath, [flag, 'hashira/register', file], { cwd: app, env })
        assert.equal(stderr, '')
        assert.ok(
          datadogSpans().some(
            ({ resource, service }) => `${service} ${resource}` === 'empty-app GET /orders/:id',
          ),
        )
        assert.ok(xrayNames().includes('GET /orders/:id'), String(xrayNames()))
        assert.ok(
          dogstatsdLines().some((line) =>
            /^http\.server\.request\.duration:.*http\.route:\/orders\/:id/.test(line),
          ),
        )
      })
    })
  }

  it('hashira doctor finds nothing wrong', async () => {
    await withReceivers(async ({ env }) => {
      const command = join(app, 'node_modules/.bin/hashira')
      const { stdout, stderr } = await run(command, ['doctor', '--json'], { cwd: app, env })
      assert.equal(stderr, '')
      const { sections } = JSON.parse(stdout) as {
        sections: { findings: { severity: string; text: string }[] }[]
      }
      const findings = sections.flatMap((section) => section.findings)
      assert.deepEqual(
        findings.filter(({ severity }) => severity === 'problem'),
        [],
      )
      assert.ok(findings.some(({ text }) => text === 'service.name = empty-app (package.json)'))
      for (const exporter of ['datadog', 'xray'])
        assert.ok(
          findings.some(({ text }) => text.startsWith(`traces → ${exporter} `)),
          exporter,
        )
    })
  })
})
