import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observe } from '@hashira/fastify'
import fastify, { type FastifyRequest } from 'fastify'
import { start } from 'hashira'
import { durationSeries } from '../../http/test/support/recorded'

// In a file of its own: the first request of a process decides about labels.
test('labels come from options and from the config of routes', async () => {
  start({ exporters: [], quiet: true, handleSignals: false })
  const app = fastify()
  app.register(observe, {
    labels: { tenant: (request: FastifyRequest) => request.headers['x-tenant'] as string },
  })
  app.register(async (routes) => {
    routes.get('/gold', { config: { observe: { labels: { tier: 'gold' } } } }, async () => 'ok')
    const method = (request: { raw: { method?: string | undefined } }) => request.raw.method
    routes.get(
      '/fn',
      { config: { observe: { labels: { tier: method, tenant: 'fixed' } } } },
      async () => 'ok',
    )
    routes.get('/plain', async () => 'ok')
  })
  for (const url of ['/gold', '/fn', '/plain']) await app.inject({ url, headers: { 'x-tenant': 'acme' } })
  const labels = (await durationSeries()).map((series) => [
    series.labels['http.route'],
    series.labels['tier'],
    series.labels['tenant'],
  ])
  assert.deepEqual(labels, [
    ['/gold', 'gold', 'acme'],
    ['/fn', 'GET', 'fixed'],
    ['/plain', undefined, 'acme'],
  ])
  await app.close()
})

test('a route’s label with a name that is taken is a coded error', async () => {
  const app = fastify()
  app.register(observe)
  app.register(async (routes) => {
    routes.get('/', { config: { observe: { labels: { 'http.route': 'x' } } } }, async () => 'ok')
  })
  await assert.rejects(async () => app.ready(), { code: 'HASHIRA_OPTION_INVALID' })
})
