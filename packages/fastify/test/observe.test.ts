import assert from 'node:assert/strict'
import { Readable, Writable } from 'node:stream'
import { describe, test } from 'node:test'
import { recordError } from '@hashira/core'
import fastifyPlugin, { observe } from '@hashira/fastify'
import { tracer } from '@hashira/tracing'
import { SpanStatusCode, trace } from '@opentelemetry/api'
import { WebSocket } from 'ws'
import { ask, connectTo } from '../../http/test/support/client'
import { activeRequests, type RecordedSpan, seriesOf, until } from '../../http/test/support/recorded'
import { type Fastify, frameworks, observedApps } from './observed-apps'

const observed = observedApps()
const { listen, closeLater } = observed

async function nextSpan(): Promise<RecordedSpan> {
  await until(() => observed.spans.length > 0)
  assert.equal(observed.spans.length, 1)
  return observed.spans.shift() as RecordedSpan
}

for (const [name, fastify] of frameworks) {
  describe(name, () => {
    test('has a span and a measurement per request, named by the route with its prefixes', async () => {
      const app = fastify()
      app.register(observe)
      app.register(
        async (routes: Fastify) => {
          routes.register(async (inner: Fastify) => inner.get('/users/:id', async () => 'ok'), {
            prefix: '/v1',
          })
        },
        { prefix: '/api/:tenant' },
      )
      const port = await listen(app)
      await ask(port, '/api/acme/v1/users/7?x=1')
      const span = await nextSpan()
      assert.equal(span.name, 'GET /api/:tenant/v1/users/:id')
      assert.equal(span.attributes['url.path'], '/api/acme/v1/users/7')
      assert.equal(span.attributes['http.response.status_code'], 200)
      assert.match(String(span.attributes['http.request.id']), /^req-/)
      assert.ok(await seriesOf({ 'http.route': '/api/:tenant/v1/users/:id' }))
      await ask(port, '/api/acme/v1/users/7', { method: 'HEAD' })
      assert.equal((await nextSpan()).name, 'HEAD /api/:tenant/v1/users/:id')
    })

    test('is observed in every way of registering: plugin, with options, default export, routes before it', async () => {
      for (const plugin of [observe, observe(), fastifyPlugin]) {
        const app = fastify()
        app.get('/before', async () => 'ok')
        app.register(plugin)
        await ask(await listen(app), '/before')
        assert.equal((await nextSpan()).name, 'GET /before')
      }
      for (const register of [
        (app: Fastify) => app.register(observe, { ignore: ['/left'] }),
        (app: Fastify) => app.register(observe({ ignore: ['/left'] })),
      ]) {
        const app = fastify()
        register(app)
        app.get('/left', async () => 'ok')
        app.get('/seen', async () => 'ok')
        const port = await listen(app)
        await ask(port, '/left')
        await ask(port, '/seen')
        assert.equal((await nextSpan()).name, 'GET /seen')
      }
    })

    test('bad options are a coded error of ready()', async () => {
      const app = fastify()
      app.register(observe, { ingore: [] })
      await assert.rejects(async () => app.ready(), { code: 'HASHIRA_OPTION_UNKNOWN' })
    })

    test('keeps the context in hooks, body parsing, handlers, streams and error handlers', async () => {
      const seen = new Map<string, string | undefined>()
      const note = (where: string) => seen.set(where, trace.getActiveSpan()?.spanContext().traceId)
      const app = fastify()
      app.register(observe)
      for (const hook of ['preParsing', 'preValidation', 'preHandler', 'onSend', 'onResponse']) {
        app.addHook(hook, async () => void note(hook))
      }
      app.addContentTypeParser('text/x', { parseAs: 'string' }, (_: unknown, body: string, done: Fastify) => {
        note('parser')
        done(null, body)
      })
      app.setErrorHandler(async (_error: unknown, _request: unknown, reply: Fastify) => {
        note('error handler')
        return reply.code(500).send('no')
      })
      app.post('/', async (request: Fastify) => {
        note('handler')
        request.raw.on('close', () => note('close'))
        await new Promise((resolve) => setTimeout(resolve, 2))
        note('after await')
        throw new Error('x')
      })
      const port = await listen(app)
      await ask(port, '/', {
        method: 'POST',
        body: 'b'.repeat(100_000),
        headers: { 'content-type': 'text/x' },
      })
      const { traceId } = await nextSpan()
      await until(() => seen.has('onResponse'))
      assert.ok(seen.size >= 9, [...seen.keys()].join())
      for (const [where, id] of seen) assert.equal(id, traceId, where)
    })

    test('errors of handlers are recorded once, and answered by the app', async () => {
      const app = fastify()
      app.register(observe)
      app.get('/sync/:x', () => {
        throw new TypeError('sync')
      })
      app.get('/async/:x', async () => {
        throw new TypeError('async')
      })
      app.get('/sent/:x', (_: unknown, reply: Fastify) => void reply.send(new TypeError('sent')))
      const port = await listen(app)
      for (const kind of ['sync', 'async', 'sent']) {
        assert.equal((await ask(port, `/${kind}/1`)).status, 500)
        const span = await nextSpan()
        assert.equal(span.statusCode, SpanStatusCode.ERROR)
        assert.equal(span.statusMessage, kind)
        assert.equal(span.attributes['error.type'], 'TypeError')
        assert.equal(span.attributes['http.route'], `/${kind}/:x`)
        assert.equal(span.events.length, 1)
        assert.match(String(span.events[0]?.attributes['exception.stacktrace']), /\n\s+at /)
      }
    })

    test('errors of the client, or that a handler recovers from, are none; recordError says otherwise', async () => {
      const app = fastify()
      app.register(observe)
      app.setErrorHandler((error: Fastify, request: Fastify, reply: Fastify) => {
        if (request.url === '/recorded') recordError(error)
        return reply.code(request.url === '/recovered' || request.url === '/recorded' ? 200 : 400).send('x')
      })
      for (const path of ['/recovered', '/client', '/recorded']) {
        app.get(path, async () => {
          throw new RangeError('x')
        })
      }
      const port = await listen(app)
      for (const path of ['/recovered', '/client', '/recorded']) {
        await ask(port, path)
        const span = await nextSpan()
        const isError = path === '/recorded'
        assert.equal(span.statusCode, isError ? SpanStatusCode.ERROR : SpanStatusCode.UNSET, path)
        assert.equal(span.attributes['error.type'], isError ? 'RangeError' : undefined, path)
      }
    })

    test('what no route matched shares one value, also below a prefix with a 404 handler of its own', async () => {
      const app = fastify()
      app.register(observe)
      app.register(
        async (routes: Fastify) =>
          routes.setNotFoundHandler((_: unknown, reply: Fastify) => reply.code(404).send()),
        { prefix: '/sub' },
      )
      const port = await listen(app)
      for (const path of ['/none', '/sub/none']) {
        await ask(port, path)
        const span = await nextSpan()
        assert.equal(span.name, 'GET')
        assert.equal(span.attributes['http.route'], undefined)
        assert.equal(span.attributes['http.response.status_code'], 404)
      }
    })

    test('config of a route: left out, named, labelled', async () => {
      const app = fastify()
      const children: boolean[] = []
      app.register(observe)
      app.register(async (routes: Fastify) => {
        routes.get('/off', { config: { observe: false } }, async () => {
          tracer.span('child', (span) => void children.push(span.isRecording()))
          return 'ok'
        })
        routes.get('/x/:y', { config: { observe: { name: '/named' } } }, async () => 'ok')
      })
      const port = await listen(app)
      await ask(port, '/off')
      assert.deepEqual(children, [false])
      await ask(port, '/x/1')
      assert.equal((await nextSpan()).name, 'GET /named')
      assert.equal(await seriesOf({ 'http.route': '/off' }), undefined)
    })

    test('inject is observed like a request', async () => {
      const app = fastify()
      closeLater(app)
      app.register(observe)
      app.get('/injected', async () => 'ok')
      assert.equal((await app.inject('/injected')).statusCode, 200)
      assert.equal((await nextSpan()).name, 'GET /injected')
    })

    test('a stream that fails in the middle is an error, not a client that left', async () => {
      const app = fastify()
      app.register(observe)
      app.get('/stream', (_: unknown, reply: Fastify) =>
        reply.send(
          Readable.from(
            (async function* () {
              yield 'start'
              throw new RangeError('in the middle')
            })(),
          ),
        ),
      )
      const port = await listen(app)
      await ask(port, '/stream').catch(() => {})
      const span = await nextSpan()
      assert.equal(span.attributes['error.type'], 'RangeError')
      assert.equal(span.attributes['http.response.status_code'], 200)
      assert.equal(span.statusCode, SpanStatusCode.ERROR)
    })

    test('a client that leaves ends the request', async () => {
      const app = fastify()
      app.register(observe)
      app.get('/slow', () => new Promise(() => {}))
      const port = await listen(app)
      const socket = await connectTo(port)
      socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n')
      await until(async () => (await activeRequests()) === 1)
      socket.destroy()
      const span = await nextSpan()
      assert.equal(span.attributes['error.type'], 'aborted')
      assert.equal(span.attributes['http.route'], '/slow')
    })

    test('lines of app.log and request.log carry the trace, access lines too', async () => {
      const lines: Record<string, unknown>[] = []
      const stream = new Writable({
        write: (chunk, _, done) => {
          lines.push(JSON.parse(String(chunk)))
          done()
        },
      })
      const app = fastify({ logger: { stream }, disableRequestLogging: true })
      app.register(observe, { accessLog: true })
      app.get('/logged/:id', async (request: Fastify) => {
        request.log.info('from request')
        app.log.info('from app')
        return 'ok'
      })
      await ask(await listen(app), '/logged/1')
      const { traceId } = await nextSpan()
      const inRequest = lines.filter(({ msg }) => !String(msg).startsWith('Server listening'))
      assert.deepEqual(
        inRequest.map((line) => [line['msg'], line['trace_id']]),
        [
          ['from request', traceId],
          ['from app', traceId],
          ['GET /logged/:id 200', traceId],
        ],
      )
      const access = inRequest.at(-1) as Record<string, unknown>
      assert.equal(access['http.route'], '/logged/:id')
      assert.equal(access['http.response.status_code'], 200)
      assert.equal(typeof access['duration_ms'], 'number')
    })

    test('client.address is what trustProxy makes of it', async () => {
      const app = fastify({ trustProxy: true })
      app.register(observe, { clientAddress: true })
      app.get('/', async () => 'ok')
      await ask(await listen(app), '/', { headers: { 'x-forwarded-for': '203.0.113.7' } })
      assert.equal((await nextSpan()).attributes['client.address'], '203.0.113.7')
    })
  })
}

test('a websocket request ends with the handshake, not with the connection', async () => {
  const app = require('fastify')()
  app.register(require('@fastify/websocket'))
  app.register(observe)
  app.register(async (routes: Fastify) => {
    routes.get('/ws/:room', { websocket: true }, (socket: Fastify) => {
      socket.on('message', (message: Buffer) => socket.send(`echo ${message}`))
    })
  })
  const port = await listen(app)
  const client = new WebSocket(`ws://127.0.0.1:${port}/ws/1`)
  const answer = new Promise((resolve) => client.once('message', (data) => resolve(String(data))))
  client.once('open', () => client.send('hi'))
  assert.equal(await answer, 'echo hi')
  const spans = observed.spans.filter(({ name }) => name.includes('/ws/'))
  assert.equal(spans.length, 1)
  assert.equal(spans[0]?.attributes['http.response.status_code'], 101)
  assert.equal(spans[0]?.name, 'GET /ws/:room')
  client.terminate()
  await until(() => app.websocketServer.clients.size === 0)
})
