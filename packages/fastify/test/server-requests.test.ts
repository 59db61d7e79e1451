import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { observe } from '@hashira/fastify'
import { ask } from '../../http/test/support/client'
import { seriesOf, until } from '../../http/test/support/recorded'
import { type Fastify, frameworks, observedApps } from './observed-apps'

const observed = observedApps()
const { listen } = observed

for (const [name, fastify] of frameworks) {
  describe(`${name}, before its hooks`, () => {
    test('the line that Fastify writes of each request belongs to its trace', async () => {
      const lines: { msg: string; trace_id?: string; span_id?: string }[] = []
      const app = fastify({ logger: { stream: { write: (line: string) => lines.push(JSON.parse(line)) } } })
      app.register(observe)
      app.get('/users/:id', async () => 'ok')
      await ask(await listen(app), '/users/7')
      await until(() => observed.spans.length === 1 && lines.some(({ msg }) => msg === 'request completed'))
      const [span] = observed.spans
      for (const message of ['incoming request', 'request completed']) {
        const line = lines.find(({ msg }) => msg === message)
        assert.equal(line?.trace_id, span?.traceId, message)
        assert.equal(line?.span_id, span?.spanId, message)
      }
    })

    test('a path that cannot be decoded is observed', async () => {
      const app = fastify()
      app.register(observe)
      const { status } = await ask(await listen(app), '/%zz')
      await until(() => observed.spans.length === 1)
      assert.ok(status === 400 || status === 404, String(status))
      assert.equal(observed.spans[0]?.name, 'GET')
      assert.equal(observed.spans[0]?.attributes['http.response.status_code'], status)
    })

    test('hooks and functions of ignore see the request of Fastify, once', async () => {
      const seen: unknown[] = []
      const app = fastify({ trustProxy: true })
      app.register(observe, {
        ignore: ['/path', (request: Fastify) => request.query.probe === '1'],
        clientAddress: true,
        onRequest: (_span: unknown, request: Fastify) => seen.push(['onRequest', request.id]),
        onResponse: (_span: unknown, request: Fastify) => seen.push(['onResponse', request.id]),
      })
      app.get('/*', async (request: Fastify) => request.id)
      const port = await listen(app)
      await ask(port, '/path')
      await ask(port, '/?probe=1')
      const { body } = await ask(port, '/seen', { headers: { 'x-forwarded-for': '203.0.113.9' } })
      await until(() => observed.spans.length === 1)
      assert.deepEqual(seen, [
        ['onRequest', body],
        ['onResponse', body],
      ])
      assert.equal(observed.spans[0]?.attributes['client.address'], '203.0.113.9')
    })

    test('a route that is not observed leaves neither span nor measurement', async () => {
      const app = fastify()
      app.register(observe)
      app.get('/silent-early', { config: { observe: false } }, async () => 'ok')
      app.get('/loud', async () => 'ok')
      const port = await listen(app)
      await ask(port, '/silent-early')
      await ask(port, '/loud')
      await until(() => observed.spans.length === 1)
      assert.equal(observed.spans[0]?.name, 'GET /loud')
      assert.equal(await seriesOf({ 'http.route': '/silent-early' }), undefined)
    })
  })
}
