import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { observe } from '@hashira/express'
import { ask } from '../../http/test/support/client'
import { activeRequests, type RecordedSpan, seriesOf, until } from '../../http/test/support/recorded'
import { type Express, frameworks } from './frameworks'
import { observedApps } from './observed-apps'

const observed = observedApps()
const { serve } = observed

/** The span of one request. */
async function spanOf(port: number, path: string, method = 'GET'): Promise<RecordedSpan> {
  observed.spans.length = 0
  await ask(port, path, { method })
  await until(() => observed.spans.length === 1)
  return observed.spans[0] as RecordedSpan
}

async function routeOf(port: number, path: string, method = 'GET'): Promise<unknown> {
  return (await spanOf(port, path, method)).attributes['http.route']
}

const ok = (_: unknown, response: Express) => response.end('ok')

for (const [name, express] of frameworks) {
  const keepsMounts = name !== 'Express 5 with router 2.2'

  describe(`routes of ${name}`, () => {
    test('are the pattern, whatever the path', async () => {
      const app = express()
      app.use(observe())
      app.get('/users/:id', ok)
      const port = await serve(app)
      const span = await spanOf(port, '/users/7?a=1')
      assert.equal(span.name, 'GET /users/:id')
      assert.equal(span.attributes['url.path'], '/users/7')
      assert.equal(await routeOf(port, '/USERS/8/'), '/users/:id')
      assert.equal((await spanOf(port, '/users/9', 'HEAD')).name, 'HEAD /users/:id')
    })

    test('are joined with the mounts, parameters and several levels included', async () => {
      const app = express()
      const inner = express.Router({ mergeParams: true })
      const outer = express.Router()
      app.use(observe())
      app.use('/api/:tenant', outer)
      outer.use('/v1', inner)
      inner.get('/users/:id', ok)
      inner.get('/', ok)
      const port = await serve(app)
      for (const tenant of ['acme', 'v1', 'api']) {
        assert.equal(await routeOf(port, `/api/${tenant}/v1/users/1`), '/api/:tenant/v1/users/:id')
      }
      assert.equal(await routeOf(port, '/api/x/v1'), '/api/:tenant/v1/')
    })

    test('are right for siblings that pass a request on', async () => {
      const app = express()
      const first = express.Router()
      const second = express.Router()
      app.use(observe())
      app.use('/a', first)
      app.use('/a/b', second)
      app.use('/a', (_request: unknown, _response: unknown, next: () => void) => setTimeout(next, 1))
      first.get('/nothing', ok)
      first.get('/b/late', (_request: unknown, _response: unknown, next: () => void) => next())
      second.get('/c', ok)
      app.get('/a/:x/late', ok)
      const port = await serve(app)
      assert.equal(await routeOf(port, '/a/b/c'), '/a/b/c')
      assert.equal(await routeOf(port, '/a/b/late'), '/a/:x/late')
      assert.equal(await routeOf(port, '/a/none'), undefined)
    })

    test('of several paths are the one that matched, of a RegExp its text', async () => {
      const app = express()
      const router = express.Router()
      app.use(observe())
      app.get(['/one/:a', '/two/:b'], ok)
      app.get(/^\/reg\/(\d+)$/, ok)
      if (keepsMounts) {
        app.use(/^\/rx\d/, router)
        app.use(['/m1/:x', '/m2'], router)
      }
      router.get('/leaf', ok)
      const port = await serve(app)
      assert.equal(await routeOf(port, '/one/1'), '/one/:a')
      assert.equal(await routeOf(port, '/two/1'), '/two/:b')
      assert.equal(await routeOf(port, '/reg/42'), '/^\\/reg\\/(\\d+)$/')
      if (!keepsMounts) return
      assert.equal(await routeOf(port, '/rx1/leaf'), '/^\\/rx\\d//leaf')
      assert.equal(await routeOf(port, '/m2/leaf'), '/m2/leaf')
      assert.equal(await routeOf(port, '/m1/concrete/leaf'), '/m1/:x/leaf')
    })

    test('of a mounted app are joined as well', async () => {
      const app = express()
      const admin = express()
      app.use(observe())
      app.use('/admin/:area', admin)
      admin.get('/users', ok)
      const port = await serve(app)
      assert.equal(await routeOf(port, '/admin/eu/users'), '/admin/:area/users')
    })

    test('are whole when observe() itself is below a path', async () => {
      const app = express()
      const router = express.Router()
      app.use('/api', observe())
      app.get('/api/users/:id', ok)
      app.use('/api/shops/:shop', router)
      app.use('/api', router)
      router.get('/items/:item', ok)
      const port = await serve(app)
      assert.equal(await routeOf(port, '/api/users/7'), '/api/users/:id')
      assert.equal(await routeOf(port, '/api/shops/1/items/2'), '/api/shops/:shop/items/:item')
      assert.equal(await routeOf(port, '/api/items/2'), '/api/items/:item')
    })

    test('below a mount that is a RegExp never have its concrete path', async () => {
      const app = express()
      const router = express.Router()
      app.use(observe())
      app.use(/^\/tenant-\d+/, router)
      router.get('/leaf', ok)
      const port = await serve(app)
      const mount = keepsMounts ? '/^\\/tenant-\\d+/' : '{mount}'
      assert.equal(await routeOf(port, '/tenant-7/leaf'), `${mount}/leaf`)
    })

    test('below a mount that was entered before observe() never have its concrete path', async () => {
      const app = express()
      const router = express.Router()
      app.use('/t/:tenant', router)
      router.use(observe())
      router.get('/leaf', ok)
      const port = await serve(app)
      assert.equal(await routeOf(port, '/t/acme/leaf'), '{mount}/leaf')
    })

    test('what none matched shares one value', async () => {
      const app = express()
      const router = express.Router()
      app.use(observe())
      app.use('/api/:tenant', router)
      router.get('/known', ok)
      const port = await serve(app)
      const before =
        (await seriesOf({ 'http.route': undefined, 'http.response.status_code': 404 }))?.count ?? 0
      for (const path of ['/x', '/y/z', '/api/acme/unknown']) {
        const span = await spanOf(port, path)
        assert.equal(span.name, 'GET')
        assert.equal(span.attributes['http.response.status_code'], 404)
      }
      const series = await seriesOf({ 'http.route': undefined, 'http.response.status_code': 404 })
      assert.equal(series?.count, before + 3)
    })

    test('a middleware that answers below a path has that path', async () => {
      const app = express()
      app.use(observe())
      app.use('/graphql', ok)
      app.use('/named', observe.route('/a/name'), ok)
      const port = await serve(app)
      assert.equal(await routeOf(port, '/graphql/x'), '/graphql')
      assert.equal(await routeOf(port, '/named/1'), '/a/name')
    })

    test('observe.off leaves out span, metric and children', async () => {
      const app = express()
      app.use(observe())
      app.get('/off/health', observe.off, ok)
      const port = await serve(app)
      await ask(port, '/off/health')
      assert.equal(await activeRequests(), 0)
      assert.equal(await seriesOf({ 'http.route': '/off/health' }), undefined)
      assert.deepEqual(observed.spans, [])
    })

    test('a second observe() changes nothing', async () => {
      const app = express()
      app.use(observe())
      app.use(observe())
      app.get('/twice/:x', ok)
      const port = await serve(app)
      await spanOf(port, '/twice/1')
      assert.equal(
        (await seriesOf({ 'http.route': '/twice/:x' }))?.count,
        frameworks.findIndex(([n]) => n === name) + 1,
      )
    })
  })
}

test('Express 4 gives back the path of every mount', async () => {
  const express = frameworks[0]?.[1]
  const app = express()
  app.use(observe())
  const paths = [
    ['/plain', '/plain'],
    ['/with.dot/:file.json', '/with.dot/a.json'],
    ['/num/:id(\\d+)', '/num/12'],
    ['/opt/:a/:b?', '/opt/1'],
    ['/from-:a-to-:b', '/from-x-to-y'],
    ['/star/*', '/star/1/2'],
    ['/v:major.:minor', '/v1.2'],
    ['/deep/:a/b/:c/d', '/deep/1/b/2/d'],
  ]
  const wrong: unknown[] = []
  for (const [path] of paths) {
    const router = express.Router()
    router.use(ok)
    app.use(path, router)
  }
  const port = await serve(app)
  for (const [path, concrete] of paths) {
    const route = await routeOf(port, concrete as string)
    if (route !== path) wrong.push([path, route])
  }
  assert.deepEqual(wrong, [])
})
