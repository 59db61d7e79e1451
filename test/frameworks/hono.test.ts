import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { instrumentServers } from '@hashira/http'
import { observe } from '@hashira/http/hono'
import { tracer } from '@hashira/tracing'
import { serve as serveNode } from '@hono/node-server'
import { Hono } from 'hono'
import { ask, factsOf, observedServers } from './observed.ts'

const observed = observedServers()

/** The two ways to reach an app: over a socket, and by its own `fetch`. */
const ways: [
  string,
  (app: Hono) => Promise<(path: string, headers?: Record<string, string>) => Promise<unknown>>,
][] = [
  [
    '@hono/node-server',
    async (app) => {
      const server = serveNode({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
      observed.closeServer(server)
      if (!server.listening) await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      return (path, headers = {}) => ask(port, path, { headers })
    },
  ],
  [
    'app.fetch',
    async (app) =>
      async (path, headers = {}) => {
        const response = await app.fetch(new Request(`https://shop.test${path}`, { headers }))
        return response.text()
      },
  ],
]

for (const [way, open] of ways) {
  describe(`Hono by ${way}`, () => {
    test('routes: nested apps, middlewares on the way, handlers for all methods, and none', async () => {
      const app = new Hono()
      app.use(observe())
      app.use('/api/*', async (c, next) => (c.req.header('x-deny') ? c.text('no', 401) : next()))
      const users = new Hono()
      users.get('/:id', (c) => c.text('user'))
      app.route('/api/users', users)
      app.all('/any/:thing', (c) => c.text('any'))
      app.get(
        '/two/:step',
        async (_, next) => next(),
        (c) => c.text('two'),
      )
      const get = await open(app)
      for (const path of ['/api/users/7?x=1', '/any/1', '/two/1', '/nowhere/7']) await get(path)
      await get('/api/users/7', { 'x-deny': '1' })
      assert.deepEqual((await observed.serverSpans(5)).map(factsOf), [
        ['GET /api/users/:id', 200, undefined],
        ['GET /any/:thing', 200, undefined],
        ['GET /two/:step', 200, undefined],
        ['GET', 404, undefined],
        ['GET', 401, undefined],
      ])
    })

    test('errors that Hono answers, by itself and by onError', async () => {
      const app = new Hono()
      app.use(observe())
      app.get('/thrown', () => {
        throw new RangeError('broken')
      })
      const sub = new Hono()
      sub.onError((_, c) => c.text('recovered'))
      sub.get('/thrown', () => {
        throw new RangeError('forgiven')
      })
      app.route('/sub', sub)
      app.onError((_, c) => c.text('sorry', 503))
      const get = await open(app)
      await get('/thrown')
      await get('/sub/thrown')
      const spans = await observed.serverSpans(2)
      assert.deepEqual(spans.map(factsOf), [
        ['GET /thrown', 503, 'RangeError'],
        ['GET /sub/thrown', 200, undefined],
      ])
      assert.equal(spans[0]?.statusMessage, 'broken')
    })

    test('context, options and hooks see what Hono has', async () => {
      const seen: unknown[] = []
      const app = new Hono()
      app.use(
        observe({
          ignore: ['/healthz', (c) => c.req.header('x-probe') === '1'],
          captureResponseHeaders: ['x-cost'],
          captureRequestHeaders: ['x-tenant'],
          onRequest: (_span, c) => void seen.push(c.req.path),
          onResponse: (_span, c) => void seen.push(c.res.status),
        }),
      )
      app.get('/*', async (c) => {
        await tracer.span('inside', async () => null)
        c.header('x-cost', '7')
        return c.text('ok', 201)
      })
      const get = await open(app)
      await get('/healthz')
      await get('/a', { 'x-probe': '1' })
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
      await get('/b?token=x', { traceparent, 'x-tenant': 'acme' })
      const [span] = await observed.serverSpans(1)
      assert.deepEqual(seen, ['/b', 201])
      assert.equal(span?.parentSpanId, 'b7ad6b7169203331')
      assert.equal(span?.attributes['url.path'], '/b')
      assert.equal(span?.attributes['url.query'], 'token=REDACTED')
      assert.deepEqual(span?.attributes['http.request.header.x-tenant'], ['acme'])
      assert.deepEqual(span?.attributes['http.response.header.x-cost'], ['7'])
      assert.equal(span?.attributes['url.scheme'], way === 'app.fetch' ? 'https' : 'http')
      assert.equal(span?.attributes['network.protocol.version'], way === 'app.fetch' ? undefined : '1.1')
      assert.equal(observed.spans.find(({ name }) => name === 'inside')?.parentSpanId, span?.spanId)
    })
  })
}

test('Hono inside of a server that is observed: one span, with the route', async () => {
  observed.closeLater(instrumentServers())
  const app = new Hono()
  app.use(observe())
  app.get('/users/:id', (c) => c.text('x'))
  const get = await ways[0]![1](app)
  await get('/users/7')
  assert.deepEqual((await observed.serverSpans(1)).map(factsOf), [['GET /users/:id', 200, undefined]])
})
