import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ExpressObserveOptions, observe } from '@hashira/express'
import express5, { type Request as Request5, type Response as Response5 } from 'express'
import express4, { type Request as Request4, type Response as Response4 } from 'express4'

// Checked by tsc, with skipLibCheck off.
test('the types fit both majors of @types/express', () => {
  const five: ExpressObserveOptions = {
    ignore: ['/healthz', /^\/internal/, (request: Request5) => request.secure],
    labels: {
      tenant: (request) => request.get('x-tenant'),
      plan: { value: (request: Request5) => request.subdomains[0], max: 3 },
    },
    isError: (status, request: Request5) => status === 404 && request.xhr,
    onRequest: (span, request) => void span.setAttribute('app.params', Object.keys(request.params)),
    onResponse: (span, _: Request5, response: Response5) =>
      void span.setAttribute('app.local', response.locals['x']),
    buckets: undefined,
  }
  const four: ExpressObserveOptions = {
    labels: { tenant: (request: Request4) => request.subdomains[0] },
    onResponse: (span, _: Request4, response: Response4) =>
      void span.setAttribute('app.local', response.locals['x']),
  }
  const app5 = express5()
  app5.use(observe(five))
  app5.get('/health', observe.off, (_, response) => void response.end())
  app5.use('/graphql', observe.route('/graphql'))
  const router5 = express5.Router()
  router5.use(observe())

  const app4 = express4()
  app4.use(observe(four))
  app4.get('/health', observe.off, (_, response) => void response.end())
  app4.use('/graphql', observe.route('/graphql'))

  // @ts-expect-error an option that is not known
  assert.throws(() => observe({ ingore: [] }))
  // @ts-expect-error the name is a text
  assert.throws(() => observe.route(1), { code: 'HASHIRA_OPTION_INVALID' })
})
