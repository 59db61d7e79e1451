import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { PassThrough, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, test } from 'node:test'
import { recordError } from '@hashira/core'
import { observe } from '@hashira/express'
import { tracer } from '@hashira/tracing'
import { trace } from '@opentelemetry/api'
import { ask, connectTo } from '../../http/test/support/client'
import { activeRequests, type RecordedSpan, until } from '../../http/test/support/recorded'
import { type Express, frameworks } from './frameworks'
import { observedApps } from './observed-apps'

const observed = observedApps()
const { serve } = observed

const activeTrace = () => trace.getActiveSpan()?.spanContext().traceId
const serverSpan = () => observed.spans.find(({ attributes }) => 'url.path' in attributes) as RecordedSpan

for (const [name, express] of frameworks) {
  describe(name, () => {
    test('keeps the context in body parsers, listeners, pipelines and timers', async () => {
      const seen = new Map<string, string | undefined>()
      const note = (where: string) => seen.set(where, activeTrace())
      const app = express()
      app.use(observe())
      app.post('/parsed', express.json({ limit: '1mb' }), (_: unknown, response: Express) => {
        note('after the parser')
        response.on('finish', () => note('finish'))
        setTimeout(() => response.json({}), 1)
      })
      app.post('/piped', (request: Express, response: Express) => {
        const sink = new Writable({
          write(_chunk, _encoding, done) {
            note('sink')
            done()
          },
        })
        request.on('data', () => note('data'))
        request.on('end', () => note('end'))
        pipeline(request, new PassThrough(), sink).then(() => {
          note('after the pipeline')
          response.end()
        })
      })
      app.post('/iterated', async (request: Express, response: Express) => {
        for await (const _ of request) note('for await')
        response.end()
      })
      const port = await serve(app)
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      const body = JSON.stringify(['x'.repeat(300_000)])
      for (const path of ['/parsed', '/piped', '/iterated']) {
        seen.clear()
        observed.spans.length = 0
        await ask(port, path, {
          method: 'POST',
          body,
          agent,
          headers: { 'content-type': 'application/json' },
        })
        await until(() => observed.spans.length === 1)
        assert.ok(seen.size > 0)
        for (const [where, id] of seen) assert.equal(id, serverSpan().traceId, `${path}: ${where}`)
      }
      agent.destroy()
    })

    test('children are below the request, and recordError marks it', async () => {
      const app = express()
      app.use(observe())
      app.get('/', async (_: unknown, response: Express) => {
        await tracer.span('work', async () => recordError(new TypeError('inner')))
        response.end()
      })
      await ask(await serve(app), '/')
      await until(() => observed.spans.length === 2)
      const child = observed.spans.find((span) => span.name === 'work')
      assert.equal(child?.parentSpanId, serverSpan().spanId)
      assert.equal(serverSpan().attributes['error.type'], 'TypeError')
    })

    test('req.ip with the app’s trust settings, and req.id, when asked for and there', async () => {
      const app = express()
      app.set('trust proxy', true)
      app.use(observe({ clientAddress: true }))
      app.use((request: Express, _: unknown, next: () => void) => {
        request.id = 'abc-1'
        next()
      })
      app.get('/', (_: unknown, response: Express) => response.end())
      await ask(await serve(app), '/', { headers: { 'x-forwarded-for': '203.0.113.7' } })
      await until(() => observed.spans.length === 1)
      assert.equal(serverSpan().attributes['client.address'], '203.0.113.7')
      assert.equal(serverSpan().attributes['http.request.id'], 'abc-1')
    })

    test('adds no listener and nothing to the response', async () => {
      const bare = express()
      const observed = express()
      observed.use(observe())
      const counts: number[] = []
      const headers: string[] = []
      for (const app of [bare, observed]) {
        app.get('/', (request: Express, response: Express) => {
          const emitters = [request, response, request.socket]
          const listeners = emitters.flatMap((emitter) =>
            emitter.eventNames().map((n: string) => emitter.listenerCount(n)),
          )
          counts.push(listeners.reduce((sum, count) => sum + count, 0))
          response.end('ok')
        })
        const answer = await ask(await serve(app), '/')
        headers.push(Object.keys(answer.headers).join())
      }
      assert.equal(counts[0], counts[1])
      assert.equal(headers[0], headers[1])
    })

    test('a client that leaves ends the request, with its route', async () => {
      const app = express()
      app.use(observe())
      app.get('/slow/:x', () => {})
      const socket = await connectTo(await serve(app))
      socket.write('GET /slow/1 HTTP/1.1\r\nHost: x\r\n\r\n')
      await until(async () => (await activeRequests()) === 1)
      socket.destroy()
      await until(() => observed.spans.length === 1)
      assert.equal(serverSpan().name, 'GET /slow/:x')
      assert.equal(serverSpan().attributes['error.type'], 'aborted')
    })
  })
}
