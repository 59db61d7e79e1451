// What the variables of propagation do from end to end: an observed server that calls on.
import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { createRequire } from 'node:module'
import { after, afterEach, before, test } from 'node:test'
import { annotate, setDiagnosticSink } from '@hashira/core'
import { observe } from '@hashira/express'
import { instrumentServers, observeServer } from '@hashira/http'
import { type Hashira, start } from 'hashira'
import { ask, close, listen } from '../../packages/http/test/support/client.ts'
import { type Recording, recordSpans, until } from '../../packages/http/test/support/recorded.ts'

const require = createRequire(import.meta.url)
const fromExpress = createRequire(require.resolve('@hashira/express/package.json'))

const T = '0af7651916cd43dd8448eb211c80319c'
const S = 'b7ad6b7169203331'
const variables = {
  OTEL_PROPAGATORS: 'b3, Jaeger, tracecontext, baggage, envoy',
  HASHIRA_TRUST_INCOMING: '10.0.0.0/8, ::1',
  HASHIRA_PROPAGATE_TO: 'localhost',
}

let hashira: Hashira
let recording: Recording
let backendPort: number
const received: IncomingHttpHeaders[] = []
const lines: string[] = []
const backend = createServer((request, response) => {
  received.push(request.headers)
  response.end()
})
const servers: Server[] = []

before(async () => {
  Object.assign(process.env, variables)
  hashira = start({ exporters: [], quiet: true, handleSignals: false })
  for (const name of Object.keys(variables)) delete process.env[name]
  recording = recordSpans()
  setDiagnosticSink((_level, line) => void lines.push(line))
  backendPort = await listen(backend)
})
afterEach(async () => {
  await Promise.all(servers.splice(0).map(close))
  recording.spans.length = 0
  received.length = 0
})
after(async () => {
  setDiagnosticSink(undefined)
  recording.stop()
  await close(backend)
  await hashira.shutdown()
})

/** A server that calls the backend under two addresses: one of the inside, one that is not. */
async function relay(trust?: 'always'): Promise<number> {
  const server = createServer(async (_request, response) => {
    annotate({ 'tenant.id': 'acme' })
    for (const host of ['127.0.0.1', '0.0.0.0'])
      await fetch(`http://${host}:${backendPort}/`).then((r) => r.text())
    response.end()
  })
  servers.push(server)
  observeServer(server, { trust })
  return listen(server)
}

const headers = {
  b3: `${T}-${S}-d`,
  traceparent: `00-${T}-${S}-01`,
  'x-request-id': 'request-7',
  baggage: 'user=u1',
}

test('a stranger’s trace is linked, and of what it brought nothing goes on', async () => {
  await ask(await relay(), '/', { headers })
  await until(() => recording.spans.length === 3)
  const server = recording.spans.find(({ links }) => links.length === 1)!
  assert.deepEqual(server.links, [{ traceId: T, spanId: S, traceFlags: 1 }])
  assert.notEqual(server.traceId, T)
  const [inside, outside] = received
  assert.match(inside?.['b3'] as string, new RegExp(`^${server.traceId}-[0-9a-f]{16}-1$`))
  assert.ok(inside?.['uber-trace-id'] && inside['traceparent'])
  assert.equal(inside['x-request-id'], undefined)
  assert.equal(inside['baggage'], undefined)
  for (const name of ['b3', 'uber-trace-id', 'traceparent', 'x-request-id', 'baggage'])
    assert.equal(outside?.[name], undefined, name)
})

test('a caller that is trusted: its trace goes on to where it may, the calls outside have their spans all the same', async () => {
  await ask(await relay('always'), '/', { headers })
  await until(() => recording.spans.length === 3)
  for (const span of recording.spans) {
    assert.equal(span.traceId, T)
    assert.equal(span.attributes['tenant.id'], 'acme')
  }
  const [inside, outside] = received
  assert.match(inside?.['b3'] as string, new RegExp(`^${T}-[0-9a-f]{16}-d$`))
  assert.equal(inside?.['x-request-id'], 'request-7')
  assert.equal(inside?.['baggage'], 'user=u1')
  assert.equal(inside?.['uberctx-user'], 'u1')
  for (const name of ['b3', 'uber-trace-id', 'traceparent', 'x-request-id', 'baggage', 'uberctx-user'])
    assert.equal(outside?.[name], undefined, name)
})

test('an adapter’s own trust comes too late where whole servers are observed, and says so once', async () => {
  const stop = instrumentServers()
  const app = fromExpress('express')()
  app.use(observe({ trust: 'always' }))
  app.get('/', (_request: unknown, response: { end(): void }) => response.end())
  const server = createServer(app)
  servers.push(server)
  lines.length = 0
  const port = await listen(server)
  for (let i = 0; i < 2; i++) await ask(port, '/', { headers })
  await until(() => recording.spans.length === 2)
  stop()
  for (const span of recording.spans) assert.equal(span.links.length, 1, 'the process says so')
  assert.equal(lines.filter((line) => /"trust" comes too late.*HASHIRA_TRUST_INCOMING/.test(line)).length, 1)
})
