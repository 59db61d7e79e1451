import assert from 'node:assert/strict'
import { test } from 'node:test'
import observeByDefault, { type FastifyObserveOptions, observe } from '@hashira/fastify'
import fastify5, {
  type FastifyContextConfig,
  type FastifyReply as Reply5,
  type FastifyRequest as Request5,
} from 'fastify'
import fastify4, { type FastifyReply as Reply4, type FastifyRequest as Request4 } from 'fastify4'

// Checked by tsc, with skipLibCheck off.
test('the types fit Fastify 4 and 5', async () => {
  const five: FastifyObserveOptions = {
    ignore: ['/healthz', (request: Request5) => request.is404],
    labels: {
      tenant: (request) => request.headers.host,
      plan: { value: (request: Request5) => request.hostname, max: 3 },
    },
    onResponse: (span, _: Request5, reply: Reply5) => void span.setAttribute('app.ms', reply.elapsedTime),
  }
  const four: FastifyObserveOptions = {
    labels: { tenant: (request: Request4) => request.hostname },
    onResponse: (span, _: Request4, reply: Reply4) => void span.setAttribute('app.sent', reply.sent),
  }
  const app5 = fastify5()
  app5.register(observe)
  app5.register(observe, five)
  app5.register(observe(five))
  app5.register(observeByDefault)
  app5.get('/off', { config: { observe: false } }, async () => 'ok')
  app5.get('/named', { config: { observe: { name: '/x', labels: { tier: 'gold' } } } }, async () => 'ok')
  // @ts-expect-error a route is left out by `false`
  const config: FastifyContextConfig = { observe: 'no' }
  assert.ok(config)

  const app4 = fastify4()
  app4.register(observe)
  app4.register(observe, four)
  app4.register(observe(four))

  // @ts-expect-error an option that is not known
  const wrong = fastify5().register(observe({ ingore: [] }))
  await assert.rejects(async () => wrong.ready(), { code: 'HASHIRA_OPTION_UNKNOWN' })
})
