import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { instrumentServers } from '@hashira/http'
import { observe } from '@hashira/http/koa'
import { tracer } from '@hashira/tracing'
import Router from '@koa/router'
import Koa3 from 'koa'
import mount from 'koa-mount'
import { ask, factsOf, listen, observedServers } from './observed.ts'

const observed = observedServers()
const Koa2 = createRequire(import.meta.url)('koa2') as typeof Koa3

async function serve(app: Koa3): Promise<number> {
  app.silent = true
  const server = createServer(app.callback())
  observed.closeServer(server)
  return listen(server)
}

for (const [name, Koa] of [
  ['Koa 2', Koa2],
  ['Koa 3', Koa3],
] as const) {
  describe(name, () => {
    test('routes: nested routers, mounts, middlewares on the way, and none', async () => {
      const app = new Koa()
      app.use(observe())
      const users = new Router()
      users.get('/:id', (ctx) => {
        ctx.body = 'user'
      })
      const api = new Router({ prefix: '/api' })
      api.use(async (_, next) => next())
      api.use('/users', async (ctx, next) => (ctx.get('x-deny') ? ctx.throw(401) : next()))
      api.use('/users', users.routes())
      api.get('/', (ctx) => {
        ctx.body = 'root'
      })
      app.use(api.routes())
      const mounted = new Router()
      mounted.get('/items/:item', (ctx) => {
        ctx.body = 'item'
      })
      mounted.get('/', (ctx) => {
        ctx.body = 'index'
      })
      app.use(mount('/shop', mount('/v1', mounted.routes() as never)))
      const port = await serve(app)
      const paths = ['/api/users/7', '/api', '/shop/v1/items/9?x=1', '/shop/v1', '/nowhere/7', '/api/nowhere']
      for (const path of paths) await ask(port, path)
      await ask(port, '/api/users/8', { headers: { 'x-deny': '1' } })
      assert.deepEqual((await observed.serverSpans(7)).map(factsOf), [
        ['GET /api/users/:id', 200, undefined],
        ['GET /api', 200, undefined],
        ['GET /shop/v1/items/:item', 200, undefined],
        ['GET /shop/v1/', 200, undefined],
        ['GET', 404, undefined],
        ['GET', 404, undefined],
        ['GET /api/users/:id', 401, undefined],
      ])
    })

    test('errors: thrown, thrown with a status, answered by a handler, in the middle of a stream', async () => {
      const app = new Koa()
      app.use(observe())
      const router = new Router()
      router.get('/thrown', () => {
        throw new RangeError('broken')
      })
      router.get('/status', (ctx) => ctx.throw(418, 'teapot'))
      router.get('/handled', async (ctx) => {
        ctx.status = 200
        ctx.body = 'fine'
      })
      router.get('/stream', (ctx) => {
        const source = new Readable({ read() {} })
        source.push('start')
        setTimeout(() => source.destroy(new TypeError('in the middle')), 20)
        ctx.body = source
      })
      app.use(router.routes())
      const port = await serve(app)
      for (const path of ['/thrown', '/status', '/handled']) await ask(port, path)
      // Koa 2 leaves such a response open.
      if (Koa === Koa3) await ask(port, '/stream').catch(() => {})
      const spans = await observed.serverSpans(Koa === Koa3 ? 4 : 3)
      assert.deepEqual(spans.map(factsOf), [
        ['GET /thrown', 500, 'RangeError'],
        ['GET /status', 418, undefined],
        ['GET /handled', 200, undefined],
        ...(Koa === Koa3 ? [['GET /stream', 200, 'TypeError']] : []),
      ])
      assert.equal(spans[0]?.statusMessage, 'broken')
      assert.equal(spans[0]?.events.length, 1)
    })

    test('context, options and hooks see what Koa has', async () => {
      const seen: unknown[] = []
      const app = new Koa({ proxy: true })
      app.use(
        observe({
          ignore: ['/healthz', (ctx) => ctx.get('x-probe') === '1'],
          clientAddress: true,
          captureResponseHeaders: ['x-cost'],
          onRequest: (_span, ctx) => void seen.push(ctx.method),
          onResponse: (_span, ctx: Koa3.Context) => void seen.push(ctx.state['tenant'], ctx.response.status),
          isError: (status) => status === 404,
        }),
      )
      app.use(async (ctx) => {
        ctx.state['tenant'] = 'acme'
        ctx.set('x-cost', '7')
        await tracer.span('inside', async () => null)
      })
      const port = await serve(app)
      await ask(port, '/healthz')
      await ask(port, '/', { headers: { 'x-probe': '1' } })
      await ask(port, '/a', { headers: { 'x-forwarded-for': '203.0.113.9' } })
      const [span] = await observed.serverSpans(1)
      assert.deepEqual(seen, ['GET', 'acme', 404])
      assert.equal(span?.attributes['client.address'], '203.0.113.9')
      assert.deepEqual(span?.attributes['http.response.header.x-cost'], ['7'])
      assert.equal(span?.attributes['error.type'], '404')
      const inside = observed.spans.find(({ name }) => name === 'inside')
      assert.equal(inside?.parentSpanId, span?.spanId)
      assert.equal(observed.spans.length, 2)
    })

    test('inside of a server that is observed: one span, with the route', async () => {
      const stop = instrumentServers()
      observed.closeLater(stop)
      const app = new Koa()
      app.use(observe())
      app.use(observe())
      app.use(new Router().get('/users/:id', (ctx) => ctx.redirect('/')).routes())
      await ask(await serve(app), '/users/7')
      assert.deepEqual((await observed.serverSpans(1)).map(factsOf), [['GET /users/:id', 302, undefined]])
    })

    test('a bad option is a coded error', () => {
      assert.throws(() => observe({ ingore: [] } as never), /HASHIRA_OPTION_UNKNOWN/)
    })
  })
}
