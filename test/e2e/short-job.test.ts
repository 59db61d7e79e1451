// A job that ends before anybody would scrape it: its metrics and spans are pushed at its end, by environment variables alone.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'

const require = createRequire(import.meta.url)
const { uncompress } = require('snappyjs') as { uncompress(bytes: Uint8Array): Uint8Array }

interface Received {
  readonly method: string
  readonly url: string
  readonly body: string
}

async function receiver(): Promise<{ url: string; received: Received[]; close(): void }> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const sent = Buffer.concat(chunks)
    const bytes = request.headers['content-encoding'] === 'snappy' ? uncompress(sent) : sent
    received.push({ method: request.method!, url: request.url!, body: Buffer.from(bytes).toString() })
    response.writeHead(202, { 'x-prometheus-remote-write-samples-written': '1000000' }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    received,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

const job = `
  const { start } = require('hashira')
  const { tracer } = require('@hashira/tracing')
  const { Counter } = require('prom-client')
  start({ quiet: true })
  new Counter({ name: 'rows_total', help: 'Rows' }).inc(42)
  tracer.span('nightly', () => {})
`

describe('a short job', () => {
  const ends = {
    'ends by itself': job,
    'ends by SIGTERM': `${job}; setInterval(() => {}, 1_000); setTimeout(() => process.kill(process.pid, 'SIGTERM'), 50)`,
  }
  for (const [how, script] of Object.entries(ends)) {
    it(`that ${how} has pushed what it counted`, async () => {
      const { url, received, close } = await receiver()
      const env = {
        ...process.env,
        OTEL_SERVICE_NAME: 'nightly',
        OTEL_TRACES_EXPORTER: 'zipkin',
        OTEL_EXPORTER_ZIPKIN_ENDPOINT: `${url}/api/v2/spans`,
        HASHIRA_PROMETHEUS_PORT: 'none',
        HASHIRA_PROMETHEUS_PUSHGATEWAY_URL: url,
        HASHIRA_PROMETHEUS_REMOTE_WRITE_URL: `${url}/api/v1/write`,
      }
      const run = promisify(execFile)(process.execPath, ['-e', script], { env, cwd: import.meta.dirname })
      try {
        await run.catch(({ signal }) => assert.equal(signal, 'SIGTERM'))
        const last = (path: string) => received.findLast((one) => one.url.startsWith(path))
        assert.match(last('/metrics/job/nightly')?.body ?? '', /^rows_total 42$/m)
        assert.match(last('/api/v1/write')?.body ?? '', /rows_total/)
        const [span] = JSON.parse(last('/api/v2/spans')?.body ?? '[]')
        assert.equal(span.name, 'nightly')
      } finally {
        close()
      }
    })
  }
})
