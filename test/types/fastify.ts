import observeByDefault, { observe } from '@hashira/fastify'
import { correlate } from '@hashira/logs'
import fastify from 'fastify'

const app = fastify({ logger: true })
await app.register(observe)
await app.register(observe, {
  ignore: ['/health'],
  labels: { tenant: (request) => String(request.headers['x-tenant']) },
})
await app.register(observe({ ignore: ['/health'] }))
await app.register(observeByDefault)

app.get('/silent', { config: { observe: false } }, async () => 'ok')
app.get('/named', { config: { observe: { name: '/name', labels: { plan: 'free' } } } }, async () => 'ok')
// @ts-expect-error a name is a text
app.get('/wrong', { config: { observe: { name: 1 } } }, async () => 'ok')

const log: typeof app.log = correlate(app.log)
log.info('typed')
