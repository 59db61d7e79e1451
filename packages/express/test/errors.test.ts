import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { observe } from '@hashira/express'
import { SpanStatusCode } from '@opentelemetry/api'
import { type Answer, ask } from '../../http/test/support/client'
import { type RecordedSpan, seriesOf, until } from '../../http/test/support/recorded'
import { type Express, frameworks, withoutPromises } from './frameworks'
import { observedApps } from './observed-apps'

const observed = observedApps()
const { serve } = observed

async function request(
  port: number,
  path: string,
  body?: string,
): Promise<{ span: RecordedSpan; answer: Answer }> {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' }
  const answer = await ask(port, path, body === undefined ? {} : { method: 'POST', body, headers })
  await until(() => observed.spans.length > 0)
  assert.equal(observed.spans.length, 1)
  return { span: observed.spans[0] as RecordedSpan, answer }
}

function assertFailed(span: RecordedSpan, type: string, message: string): void {
  assert.equal(span.statusCode, SpanStatusCode.ERROR)
  assert.equal(span.statusMessage, message)
  assert.equal(span.attributes['error.type'], type)
  assert.equal(span.events.length, 1, 'recorded once')
  assert.match(String(span.events[0]?.attributes['exception.stacktrace']), /\n\s+at /)
}

type Next = (error?: unknown) => void

for (const [name, express] of frameworks) {
  describe(`errors in ${name}`, () => {
    test('that are thrown are recorded, with the route, and answered by Express', async () => {
      const app = express()
      app.use(observe())
      app.get('/thrown/:id', () => {
        throw new TypeError('thrown')
      })
      const { span, answer } = await request(await serve(app), '/thrown/1')
      assert.equal(answer.status, 500)
      assertFailed(span, 'TypeError', 'thrown')
      assert.equal(span.name, 'GET /thrown/:id')
      assert.ok(await seriesOf({ 'http.route': '/thrown/:id', 'error.type': 'TypeError' }))
    })

    test('that are passed on reach the error handler of the app, which is in the request’s context', async () => {
      const app = express()
      const seen: unknown[] = []
      const error = new RangeError('passed')
      app.use(observe())
      app.get('/passed', (_request: unknown, _response: unknown, next: Next) => setTimeout(next, 1, error))
      app.use((given: unknown, _request: unknown, response: Express, _next: Next) => {
        seen.push(given)
        response.status(503).end('sorry')
      })
      const { span, answer } = await request(await serve(app), '/passed')
      assert.equal(answer.body, 'sorry')
      assert.deepEqual(seen, [error])
      assertFailed(span, 'RangeError', 'passed')
      assert.equal(span.attributes['http.response.status_code'], 503)
    })

    test('in a router below a parameterised mount keep the route', async () => {
      const app = express()
      const router = express.Router()
      app.use(observe())
      app.use('/shops/:shop', router)
      router.get('/items/:item', (_request: unknown, _response: unknown, next: Next) =>
        next(new Error('broken')),
      )
      app.use((_error: unknown, _request: unknown, response: Express, _next: Next) =>
        response.status(500).end(),
      )
      const { span } = await request(await serve(app), '/shops/1/items/2')
      assertFailed(span, 'Error', 'broken')
      assert.equal(span.attributes['http.route'], '/shops/:shop/items/:item')
    })

    test('that an error handler recovers from are none', async () => {
      const app = express()
      app.use(observe())
      app.get('/', (_request: unknown, _response: unknown, next: Next) => next(new Error('harmless')))
      app.use((_error: unknown, _request: unknown, response: Express, _next: Next) =>
        response.status(200).end(),
      )
      const { span } = await request(await serve(app), '/')
      assert.equal(span.statusCode, SpanStatusCode.UNSET)
      assert.equal(span.attributes['error.type'], undefined)
      assert.equal(span.events.length, 0)
    })

    test('that are the client’s are none: a body that is no JSON', async () => {
      const app = express()
      app.use(observe())
      app.use(express.json())
      const { span, answer } = await request(await serve(app), '/', '{')
      assert.equal(answer.status, 400)
      assert.equal(span.statusCode, SpanStatusCode.UNSET)
      assert.equal(span.attributes['error.type'], undefined)
    })

    test('in a middleware are recorded without anything after it', async () => {
      const app = express()
      app.use(observe())
      app.use((_request: unknown, _response: unknown, next: Next) => next(new TypeError('in front')))
      const { span, answer } = await request(await serve(app), '/')
      assert.equal(answer.status, 500)
      assertFailed(span, 'TypeError', 'in front')
    })

    test('of app.param are recorded, with the route that they kept from being entered', async () => {
      const app = express()
      app.use(observe())
      app.param('user', (_request: unknown, _response: unknown, next: Next) => next(new TypeError('no db')))
      app.get('/before', (_request: unknown, response: Express) => response.end())
      app.get('/users/:user', (_request: unknown, response: Express) => response.end())
      app.use((_error: unknown, _request: unknown, response: Express, _next: Next) =>
        response.status(500).end(),
      )
      const { span } = await request(await serve(app), '/users/7')
      assertFailed(span, 'TypeError', 'no db')
      assert.equal(span.name, 'GET /users/:user')
    })

    test('of an error handler that throws itself: the first one counts', async () => {
      const app = express()
      app.use(observe())
      app.get('/', () => {
        throw new TypeError('first')
      })
      app.use((_error: unknown, _request: unknown, _response: unknown, _next: Next) => {
        throw new RangeError('second')
      })
      const { span, answer } = await request(await serve(app), '/')
      assert.equal(answer.status, 500)
      assertFailed(span, 'TypeError', 'first')
    })

    test('after the headers went out end the connection, and are recorded', async () => {
      const app = express()
      app.use(observe())
      app.get('/', (_request: unknown, response: Express, next: Next) => {
        response.write('part')
        setTimeout(next, 5, new Error('too late'))
      })
      const port = await serve(app)
      await assert.rejects(ask(port, '/'))
      await until(() => observed.spans.length === 1)
      assertFailed(observed.spans[0] as RecordedSpan, 'Error', 'too late')
    })

    test("next('route') and next('router') are none", async () => {
      const app = express()
      const router = express.Router()
      app.use(observe())
      app.use(router)
      router.get('/', (_request: unknown, _response: unknown, next: Next) => next('route'))
      router.get('/', (_request: unknown, _response: unknown, next: Next) => next('router'))
      app.get('/', (_request: unknown, response: Express) => response.status(500).end())
      const { span } = await request(await serve(app), '/')
      assert.equal(span.attributes['error.type'], '500')
      assert.equal(span.events.length, 0)
    })

    test('of async handlers', {
      skip:
        name === withoutPromises
          ? 'an async rejection in Express 4 is the app’s own unhandled rejection'
          : false,
    }, async () => {
      const app = express()
      app.use(observe())
      app.get('/async/:id', async () => {
        await null
        throw new TypeError('async')
      })
      const { span, answer } = await request(await serve(app), '/async/1')
      assert.equal(answer.status, 500)
      assertFailed(span, 'TypeError', 'async')
      assert.equal(span.attributes['http.route'], '/async/:id')
    })
  })
}
