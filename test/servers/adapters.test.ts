// The adapters inside of servers that are observed themselves: one span and one measurement a request, the adapter's own.
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import { after, afterEach, before, test } from 'node:test'
import { observe as observeExpress } from '@hashira/express'
import { observe as observeFastify } from '@hashira/fastify'
import { instrumentServers, observeServer } from '@hashira/http'
import { start } from 'hashira'
import { ask, close, listen } from '../../packages/http/test/support/client.ts'
import {
  activeRequests,
  durationSeries,
  type Recording,
  recordSpans,
  until,
} from '../../packages/http/test/support/recorded.ts'

const require = createRequire(import.meta.url)
const fromExpress = createRequire(require.resolve('@hashira/express/package.json'))
const fromFastify = createRequire(require.resolve('@hashira/fastify/package.json'))

let recording: Recording
let stop = () => {}
const servers: Server[] = []

before(() => {
  start({ exporters: [], quiet: true, handleSignals: false })
  recording = recordSpans()
})
afterEach(async () => {
  stop()
  await Promise.all(servers.splice(0).map(close))
  recording.spans.length = 0
  assert.equal(await activeRequests(), 0)
})
after(() => recording.stop())

const ways: [string, (server: Server) => () => void][] = [
  ['instrumentServers', () => instrumentServers()],
  ['observeServer', (server) => observeServer(server)],
]

async function expectOne(port: number, route: string): Promise<void> {
  const before = await measurements()
  await ask(port, `${route.replace(/:\w+/, '7')}?card=4111`)
  await until(() => recording.spans.length > 0)
  await new Promise(setImmediate)
  const { name, attributes } = recording.spans[0]!
  assert.deepEqual(
    recording.spans.map((span) => span.name),
    [`GET ${route}`],
    name,
  )
  assert.equal(attributes['http.route'], route)
  assert.equal(attributes['url.query'], 'card=REDACTED')
  assert.equal((await measurements()) - before, 1)
}

async function measurements(): Promise<number> {
  return (await durationSeries()).reduce((sum, { count }) => sum + count, 0)
}

for (const [way, observe] of ways) {
  for (const version of ['express', 'express4']) {
    test(`${version} inside of ${way}`, async () => {
      const express = fromExpress(version)
      const app = express()
      app.use(observeExpress({ redactQuery: ['card'], ignore: ['/healthz'] }))
      app.use('/silent', observeExpress.off)
      const router = express.Router()
      router.get('/users/:id', (_: unknown, response: { end(): void }) => response.end())
      app.use('/api', router)
      const server = createServer(app)
      servers.push(server)
      stop = observe(server)
      const port = await listen(server)
      await ask(port, '/healthz')
      await ask(port, '/silent/1')
      await expectOne(port, '/api/users/:id')
    })
  }

  for (const version of ['fastify', 'fastify4']) {
    test(`${version} inside of ${way}`, async () => {
      const app = fromFastify(version)()
      stop = observe(app.server)
      app.register(observeFastify, { redactQuery: ['card'], ignore: ['/healthz'] })
      app.get('/users/:id', async () => 'ok')
      app.get('/silent', { config: { observe: false } }, async () => 'ok')
      await app.listen({ port: 0, host: '127.0.0.1' })
      servers.push(app.server)
      const { port } = app.server.address()
      await ask(port, '/healthz')
      await ask(port, '/silent')
      await expectOne(port, '/users/:id')
    })
  }
}
